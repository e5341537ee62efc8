import { mount } from 'svelte';
import { keys } from './app/keys.svelte';
import { prefs } from './app/prefs.svelte';
import { router } from './app/router.svelte';
import { session } from './app/session.svelte';
import './ui/fonts.css';
import './ui/tokens.css';
import './ui/base.css';
import './ui/controls.css';
import App from './App.svelte';

prefs.load();
router.start();
keys.start();
void session.start();
mount(App, { target: document.getElementById('app')! });
