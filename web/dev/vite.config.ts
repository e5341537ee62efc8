import { defineConfig, mergeConfig } from 'vite';
import base from '../vite.config';

const fixture = 'http://127.0.0.1:20443';
export default mergeConfig(
  base,
  defineConfig({ server: { proxy: { '/api': { target: fixture, ws: true }, '/media': { target: fixture, ws: true } } } }),
);
