// A report being written. Kept while the person looks at other screens; gone when the page is.
import type { Category, Report, ReportNew, Service, Severity, Triage, TriageDecision } from '../../api/types';
import { placed, type Point } from '../../app/geo';
import { usual } from './defaults';

export class Draft {
  category = $state<Category | undefined>();
  service = $state<Service>('police');
  severity = $state<Severity>('routine');
  place_text = $state('');
  point = $state.raw<Point | undefined>();
  unit_code = $state<string | undefined>();
  caller_name = $state('');
  caller_number = $state('');
  narrative = $state('');

  constructor(report?: Report) {
    if (!report) return;
    this.category = report.category;
    this.service = report.service;
    this.severity = report.severity;
    this.point = placed(report) ? { lat: report.lat, lon: report.lon } : undefined;
    this.unit_code = report.unit_code;
  }
  get empty(): boolean {
    return !this.category && !this.place_text && !this.narrative && !this.caller_number && !this.caller_name;
  }
  choose(category: Category): void {
    this.category = category;
    ({ service: this.service, severity: this.severity } = usual[category]);
  }
  clear(): void {
    this.category = this.point = this.unit_code = undefined;
    this.service = 'police';
    this.severity = 'routine';
    this.place_text = this.caller_name = this.caller_number = this.narrative = '';
  }
  asReport(): ReportNew {
    const text = {
      place_text: this.place_text.trim(), caller_name: this.caller_name.trim(),
      caller_number: this.caller_number.trim(), narrative: this.narrative.trim(),
    };
    return {
      channel: 'desk', service: this.service, category: this.category ?? 'other', severity: this.severity,
      ...this.place(), ...Object.fromEntries(Object.entries(text).filter(([, v]) => v !== '')),
    };
  }
  asTriage(decision: TriageDecision, incident_id?: string): Triage {
    return {
      decision, ...(incident_id ? { incident_id } : {}), ...(this.category ? { category: this.category } : {}),
      severity: this.severity, ...this.place(),
    };
  }
  private place(): { lat?: number; lon?: number; unit_code?: string } {
    return { ...this.point, ...(this.unit_code ? { unit_code: this.unit_code } : {}) };
  }
}

export const new_report = new Draft();
