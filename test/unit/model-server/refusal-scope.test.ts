import { expect } from 'chai';
import { APIError } from 'openai';
import { scopeOf } from '../../../src/adapters/openai/requests/refusal-scope.js';

interface Case {
  message: string;
  model?: string;
  rest?: Record<string, unknown>;
  headers?: Record<string, string>;
}

/** Messages of real servers. */
const OF_THE_MODEL: Case[] = [
  { message: 'scripted 429' },
  { message: 'Too Many Requests' },
  { message: 'Requests rate limit exceeded', rest: { type: 'rate_limited' } },
  {
    message:
      'Rate limit reached for gpt-4o in organization org-abc on tokens per min (TPM): Limit 30000, Used 29000. Please try again in 6s. Visit https://platform.openai.com/account/rate-limits to learn more.',
    rest: { type: 'tokens', code: 'rate_limit_exceeded' },
  },
  {
    message:
      'Rate limit reached for gpt-4o-2024-08-06 in organization org-abc on requests per min. Please add a payment method to your account to increase your rate limit. Visit https://platform.openai.com/account/billing.',
    model: 'my-alias',
  },
  {
    message:
      'Rate limit reached for model `llama3-70b-8192` in organization `org_01` on tokens per minute (TPM)',
    model: 'my-alias',
  },
  {
    message:
      'Requests to the ChatCompletions_Create Operation under Azure OpenAI API have exceeded call rate limit of your current OpenAI S0 pricing tier. For Free Account customers, upgrade here: https://aka.ms/429TrialUpgrade.',
  },
  {
    message:
      'This request would exceed the rate limit for your organization (1f2e) of 50,000 input tokens per minute (model: claude-x)',
  },
  {
    message:
      "Quota exceeded for quota metric 'Generate Content API requests per minute' and limit 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier'",
  },
  {
    message: 'Rate limit of 10 per 60s exceeded for UserByModelByMinute. Please wait 60 seconds',
    headers: { 'x-ratelimit-type': 'UserByModelByMinute' },
  },
  { message: 'You have reached the rate limit specific to this model' },
  { message: 'deepseek/deepseek-r1:free is temporarily rate-limited upstream' },
  { message: 'Slow down', headers: { 'x-ratelimit-remaining-requests': '0' } },
  { message: 'Slow down', headers: { 'x-ratelimit-scope': 'model' } },
  { message: 'gpt-4o: limit of your account reached' },
];

const OF_THE_ACCOUNT: Case[] = [
  {
    message: 'You exceeded your current quota, please check your plan and billing details.',
    rest: { type: 'insufficient_quota', code: 'insufficient_quota' },
  },
  { message: 'Limit reached', rest: { code: 'insufficient_quota' } },
  { message: 'Limit reached: requests per day for your account' },
  {
    message:
      "This request would exceed your organization's rate limit of 40,000 input tokens per minute.",
  },
  {
    message:
      'Your account org-abc <ak-abc> request reached max organization concurrency: 3, please try again after 1 seconds',
    rest: { type: 'rate_limit_reached_error' },
  },
  { message: 'Rate limit exceeded for api_key: 1234. Limit type: requests' },
  { message: 'Max parallel request limit reached for key' },
  { message: 'Rate limit reached for all models in organization org-abc' },
  { message: 'Too many requests', rest: { code: 'account_rate_limit_exceeded' } },
  { message: 'Too many requests', rest: { type: 'organization_quota_exceeded' } },
  { message: 'Rate limit exceeded for UserConcurrentRequests' },
  { message: 'Slow down', headers: { 'x-ratelimit-scope': 'account' } },
  { message: 'Slow down', headers: { 'x-ratelimit-type': 'organization' } },
  { message: 'Slow down', headers: { 'x-ratelimit-remaining-project-requests': '0' } },
  { message: 'Your workspace has exceeded its requests per minute' },
];

const scope = ({ message, model = 'gpt-4o', rest = {}, headers = {} }: Case) =>
  scopeOf(
    APIError.generate(429, { error: { message, ...rest } }, undefined, new Headers(headers)),
    model,
  );

const named = ({ message, rest, headers }: Case) =>
  `${message.slice(0, 90)} ${JSON.stringify({ ...rest, ...headers })}`;

describe('A 429 concerns', () => {
  for (const said of OF_THE_MODEL) {
    it(`the model that was asked for: ${named(said)}`, () => {
      expect(scope(said)).to.equal('model');
    });
  }
  for (const said of OF_THE_ACCOUNT) {
    it(`all models of the account: ${named(said)}`, () => {
      expect(scope(said)).to.equal('account');
    });
  }
});
