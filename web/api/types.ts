import type { Operations, Schemas } from '../../dist/http/api-types.d.ts';

/** What the service's OpenAPI document says, made into types by the build. */
export type { Operations, Schemas } from '../../dist/http/api-types.d.ts';

export type Job = Operations['GET /api/jobs/{id}']['answer'];
export type JobSummary = Operations['GET /api/jobs']['answer']['jobs'][number];
export type JobKind = Job['kind'];
export type JobState = Job['state'];
export type Progress = Schemas['Progress'];
export type Step = Progress['steps'][number];
export type Item = Progress['items'][number];
export type Receipt = Schemas['Receipt'];
export type VerifyReceipt = Schemas['VerifyReceipt'];
export type Plan = Schemas['Plan'];
export type PlanInput = Operations['POST /api/plan']['body'];
export type Environment = Schemas['Environment'];
export type EnvironmentTest = Schemas['EnvironmentTest'];
export type Dump = Schemas['Dump'];
export type Schedule = Schemas['Schedule'];
export type Token = Schemas['Token'];
export type Channel = Schemas['Channel'];
export type KeptState = Schemas['KeptState'];
export type LogLine = Operations['GET /api/jobs/{id}/logs']['answer']['lines'][number];
export type ErrorReport = Schemas['Error'];
export type Problem = Schemas['Problem'];
export type Mode = NonNullable<Plan['mode']>;
