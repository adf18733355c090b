// The APIs of providers that chats are sent to, and a provider of each at the address of a simulator.
import { providerKey } from '../system/processes.mjs';

// By API, a model that speaks it.
export const apis = { openai: 'gpt-5', responses: 'gpt-5', anthropic: 'claude-opus-4-5', gemini: 'gemini-3-pro', bedrock: 'amazon.nova-pro-v1:0' };

// The providers' part of a configuration: one of each API, "a-openai"…
export function providersAt(name, base) {
  const key = { api_key: providerKey };
  return {
    [`${name}-openai`]: { ...key, type: 'openai', dialect: 'openai', base_url: `${base}/v1` },
    [`${name}-responses`]: { ...key, type: 'openai', dialect: 'responses', base_url: `${base}/v1` },
    [`${name}-anthropic`]: { ...key, type: 'anthropic', base_url: base },
    [`${name}-gemini`]: { ...key, type: 'gemini', base_url: base },
    [`${name}-bedrock`]: { type: 'bedrock', access_key_id: providerKey, secret_access_key: 'secret', region: 'us-east-1', base_url: base },
  };
}
