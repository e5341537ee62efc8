// Short names for the schemas of api/openapi.yaml.
import type { components } from './schema';

type Schemas = components['schemas'];
export type About = Schemas['About'];
export type Session = Schemas['Session'];
export type Role = Schemas['Role'];
export type Person = Schemas['Person'];
export type Approval = Schemas['Approval'];
export type RoleTable = Schemas['RoleTable'];
export type PlaceUnit = Schemas['PlaceUnit'];
export type PlaceResult = Schemas['PlaceResult'];
export type Report = Schemas['Report'];
export type ReportDetail = Schemas['ReportDetail'];
export type ReportNew = Schemas['ReportNew'];
export type DuplicateCandidate = Schemas['DuplicateCandidate'];
export type Triage = Schemas['Triage'];
export type TriageDecision = Schemas['TriageDecision'];
export type Incident = Schemas['Incident'];
export type IncidentDetail = Schemas['IncidentDetail'];
export type Assignment = Schemas['Assignment'];
export type AssignmentStatus = Schemas['AssignmentStatus'];
export type TimelineEvent = Schemas['TimelineEvent'];
export type Outcome = Schemas['Outcome'];
export type Unit = Schemas['Unit'];
export type UnitKind = Schemas['UnitKind'];
export type Position = Schemas['Position'];
export type Situation = Schemas['Situation'];
export type Activity = Schemas['Activity'];
export type Camera = Schemas['Camera'];
export type CameraNew = Schemas['CameraNew'];
export type CameraChange = Schemas['CameraChange'];
export type CameraDevice = Schemas['CameraDevice'];
export type DevicePreset = Schemas['DevicePreset'];
export type DiscoveredDevice = Schemas['DiscoveredDevice'];
export type TourNew = Schemas['TourNew'];
export type Asset = Schemas['Asset'];
export type AssetKind = Schemas['AssetKind'];
export type PlannedWork = Schemas['PlannedWork'];
export type WorkKind = Schemas['WorkKind'];
export type Fleet = Schemas['Fleet'];
export type FleetAlarm = Schemas['FleetAlarm'];
export type CameraHealth = Schemas['CameraHealth'];
export type CameraPicture = Schemas['CameraPicture'];
export type Consent = Schemas['Consent'];
export type OwnerKind = Schemas['OwnerKind'];
export type ViewReason = Schemas['ViewReason'];
export type Contribution = Schemas['Contribution'];
export type OwnerPage = Schemas['OwnerPage'];
export type Wall = Schemas['Wall'];
export type WallEvent = Schemas['WallEvent'];
export type WallLayout = Schemas['WallLayout'];
export type WallShow = Schemas['WallShow'];
export type UptimeRow = Schemas['UptimeRow'];
export type MediaTicket = Schemas['MediaTicket'];
export type CameraMark = Schemas['CameraMark'];
export type Span = Schemas['Span'];
export type Gap = Schemas['Gap'];
export type GapCause = Schemas['GapCause'];
export type JournalEvent = Schemas['JournalEvent'];
export type Verification = Schemas['Verification'];
export type Root = Schemas['Root'];
export type Process = Schemas['Process'];
export type Node = Schemas['Node'];
export type Category = Schemas['Category'];
export type Severity = Schemas['Severity'];
export type Service = Schemas['Service'];
export type Channel = Schemas['Channel'];
export type Actor = Schemas['Actor'];
export type EventType = Schemas['EventType'];
export type WatchEvent = Schemas['WatchEvent'];
export type WatchMessage = Schemas['WatchMessage'];
export type Case = Schemas['Case'];
export type CaseDetail = Schemas['CaseDetail'];
export type CaseKind = Schemas['CaseKind'];
export type CaseKindFigures = Schemas['CaseKindFigures'];
export type Bookmark = Schemas['Bookmark'];
export type Export = Schemas['Export'];
export type StorageState = Schemas['StorageState'];
export type DiskState = Schemas['DiskState'];
export type ExportMask = Schemas['ExportMask'];
export type ExportDetail = Schemas['ExportDetail'];
export type PlayerAddress = Schemas['PlayerAddress'];
export type ExportPurpose = Schemas['ExportPurpose'];
export type ExportState = Schemas['ExportState'];
export type ExportProgress = Schemas['ExportProgress'];
export type GeoJson = Schemas['GeoJson'];

export const services: readonly Service[] = [
  'police', 'fire', 'medical', 'traffic', 'social', 'other',
];
export const categories: readonly Category[] = [
  'fire', 'explosion', 'rescue', 'traffic_accident', 'minor_collision', 'congestion',
  'public_disorder', 'theft', 'violence', 'missing_person', 'medical_emergency', 'social_welfare',
  'flood', 'camera_fault', 'other',
];
export const severities: readonly Severity[] = ['critical', 'serious', 'routine'];
export const roles: readonly Role[] = [
  'administrator', 'duty_officer', 'call_taker', 'dispatcher', 'engineer', 'auditor', 'unit_crew',
];
export const caseKinds: readonly CaseKind[] = [
  'criminal', 'traffic_accident', 'public_order', 'fire', 'missing_person', 'complaint', 'other',
];
export const exportPurposes: readonly ExportPurpose[] = [
  'investigation', 'prosecution', 'accident_handling', 'violation_handling', 'complaint_handling', 'internal_review',
];
export const outcomes: readonly Outcome[] = ['resolved', 'handed_over', 'unfounded', 'cancelled'];
export const milestones: readonly AssignmentStatus[] = [
  'assigned', 'accepted', 'en_route', 'on_scene', 'released',
];
export const unitKinds: readonly UnitKind[] = [
  'police_patrol', 'traffic_police', 'fire_engine', 'rescue', 'ambulance', 'commune_police',
];
