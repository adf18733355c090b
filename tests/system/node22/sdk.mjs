// This generation's SDKs, under the names the suites use.
export { default as OpenAI, toFile } from 'openai';
export { createOpenAI } from '@ai-sdk/openai';
export { embedMany, experimental_generateSpeech as generateSpeech, experimental_transcribe as transcribe, generateText, streamText, tool, stepCountIs } from 'ai';
export { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
export { z } from 'zod';
export { default as Anthropic } from '@anthropic-ai/sdk';
export { GoogleGenAI } from '@google/genai';
export * as bedrock from '@aws-sdk/client-bedrock-runtime';
export { CohereClientV2 } from 'cohere-ai';
export { NodeHttpHandler } from '@smithy/node-http-handler';
