// Agents as applications write them: a loop over one vendor's official SDK that keeps its history the way that SDK's documentation shows,
// and runs tools. Each takes user turns and returns what it saw: { text, calls: [{ name, arguments }] } for every answer of the model.
const image = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

export const system = 'You are a careful assistant.';
export const tools = [
  { name: 'get_weather', description: 'The weather in a city.', schema: { type: 'object', properties: { city: { type: 'string' }, days: { type: 'array', items: { type: 'integer' } } }, required: ['city'] } },
  { name: 'add', description: 'Adds two numbers.', schema: { type: 'object', properties: { a: { type: 'number' }, b: { type: 'number' } }, required: ['a', 'b'] } },
];
export const runTool = (name, { city, a, b }) => (name === 'add' ? `${a + b}` : `{"city":"${city}","degrees":21.50,"sky":"clear"}`);
const parsed = (text) => (text === '' ? {} : JSON.parse(text));

// Answers the calls until there are none; `ask` sends the history, `keep` adds the results to it.
async function untilDone(ask, keep) {
  const seen = [];
  for (;;) {
    const { text, calls } = await ask();
    seen.push({ text, calls: calls.map(({ name, arguments: given }) => ({ name, arguments: given })) });
    if (calls.length === 0) return seen;
    await keep(calls.map((call) => ({ ...call, result: runTool(call.name, call.arguments) })));
  }
}

export const agents = {
  // ---- OpenAI, chat completions ----
  chat({ OpenAI }, options) {
    const { url, key, stream } = options;
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
    const messages = [{ role: 'system', content: system }];
    const request = () => ({
      model: options.model, messages, reasoning_effort: 'high', max_completion_tokens: 6000,
      tools: tools.map(({ name, description, schema }) => ({ type: 'function', function: { name, description, parameters: schema } })),
    });
    const ask = async () => {
      const message = stream
        ? await client.chat.completions.stream(request()).finalMessage()
        : (await client.chat.completions.create(request())).choices[0].message;
      // What the helper of streams adds for the application is none of the API's.
      delete message.parsed;
      for (const call of message.tool_calls ?? []) delete call.function.parsed_arguments;
      messages.push(message);
      return {
        text: message.content ?? '',
        calls: (message.tool_calls ?? []).map(({ id, function: { name, arguments: text } }) => ({ id, name, arguments: parsed(text) })),
      };
    };
    const keep = (done) => done.forEach(({ id, result }) => messages.push({ role: 'tool', tool_call_id: id, content: result }));
    return async (text, withImage) => {
      messages.push({ role: 'user', content: withImage ? [{ type: 'text', text }, { type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } }] : text });
      return untilDone(ask, keep);
    };
  },

  // ---- OpenAI, responses, without state at the provider ----
  responses({ OpenAI }, options) {
    const { url, key, stream } = options;
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
    const input = [];
    const request = () => ({
      model: options.model, instructions: system, input, store: false, include: ['reasoning.encrypted_content'], reasoning: { effort: 'high', summary: 'auto' }, max_output_tokens: 6000,
      tools: tools.map(({ name, description, schema }) => ({ type: 'function', name, description, parameters: schema, strict: false })),
    });
    const ask = async () => {
      const response = stream ? await client.responses.stream(request()).finalResponse() : await client.responses.create(request());
      // What the helper of streams adds for the application is none of the API's.
      for (const part of response.output.flatMap(({ content = [] }) => content)) delete part.parsed;
      for (const item of response.output) delete item.parsed_arguments;
      input.push(...response.output);
      return {
        text: response.output.flatMap(({ content = [] }) => content).filter(({ type }) => type === 'output_text').map((part) => part.text).join(''),
        calls: response.output.filter(({ type }) => type === 'function_call').map((call) => ({ id: call.call_id, name: call.name, arguments: parsed(call.arguments) })),
      };
    };
    const keep = (done) => done.forEach(({ id, result }) => input.push({ type: 'function_call_output', call_id: id, output: result }));
    return async (text, withImage) => {
      const picture = { type: 'input_image', detail: 'auto', image_url: `data:image/png;base64,${image}` };
      input.push({ role: 'user', content: [{ type: 'input_text', text }, ...(withImage ? [picture] : [])] });
      return untilDone(ask, keep);
    };
  },

  // ---- Anthropic ----
  anthropic({ Anthropic }, options) {
    const { url, key, stream } = options;
    const client = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 });
    const messages = [];
    const request = () => ({
      model: options.model, system, messages, max_tokens: 6000, thinking: { type: 'enabled', budget_tokens: 2000 },
      tools: tools.map(({ name, description, schema }) => ({ name, description, input_schema: schema })),
    });
    const ask = async () => {
      const message = stream ? await client.messages.stream(request()).finalMessage() : await client.messages.create(request());
      messages.push({ role: message.role, content: message.content });
      return {
        text: message.content.filter(({ type }) => type === 'text').map((block) => block.text).join(''),
        calls: message.content.filter(({ type }) => type === 'tool_use').map((call) => ({ id: call.id, name: call.name, arguments: call.input })),
      };
    };
    const keep = (done) => messages.push({ role: 'user', content: done.map(({ id, result }) => ({ type: 'tool_result', tool_use_id: id, content: result })) });
    return async (text, withImage) => {
      const picture = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: image } };
      messages.push({ role: 'user', content: [{ type: 'text', text }, ...(withImage ? [picture] : [])] });
      return untilDone(ask, keep);
    };
  },

  // ---- Gemini: the SDK keeps the history ----
  gemini({ GoogleGenAI }, options) {
    const { url, key, stream } = options;
    const client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } });
    // A conversation is one model's: another model gets a new one with the same history.
    let chat, model;
    const begin = () => client.chats.create({
      model: options.model, history: chat?.getHistory(),
      config: {
        systemInstruction: system, thinkingConfig: { includeThoughts: true }, maxOutputTokens: 6000,
        tools: [{ functionDeclarations: tools.map(({ name, description, schema }) => ({ name, description, parametersJsonSchema: schema })) }],
      },
    });
    let message;
    const ask = async () => {
      if (model !== options.model) chat = begin();
      model = options.model;
      const chunks = [];
      if (stream) {
        for await (const chunk of await chat.sendMessageStream({ message })) chunks.push(chunk);
      } else {
        chunks.push(await chat.sendMessage({ message }));
      }
      const parts = chunks.flatMap((chunk) => chunk.candidates?.[0]?.content?.parts ?? []);
      return {
        text: parts.filter((part) => part.text && !part.thought).map((part) => part.text).join(''),
        calls: parts.filter((part) => part.functionCall).map(({ functionCall: { id, name, args } }) => ({ id, name, arguments: args ?? {} })),
      };
    };
    const keep = (done) => { message = done.map(({ id, name, result }) => ({ functionResponse: { ...(id ? { id } : {}), name, response: { output: result } } })); };
    return async (text, withImage) => {
      message = [{ text }, ...(withImage ? [{ inlineData: { mimeType: 'image/png', data: image } }] : [])];
      return untilDone(ask, keep);
    };
  },

  // ---- Bedrock Converse ----
  converse({ bedrock, NodeHttpHandler }, options) {
    const { url, key, stream } = options;
    const client = new bedrock.BedrockRuntimeClient({
      region: 'us-east-1', endpoint: url, maxAttempts: 1, requestHandler: new NodeHttpHandler(), credentials: { accessKeyId: key, secretAccessKey: 'of no use' },
    });
    const messages = [];
    const request = () => ({
      modelId: options.model, system: [{ text: system }], messages, inferenceConfig: { maxTokens: 6000 },
      toolConfig: { tools: tools.map(({ name, description, schema }) => ({ toolSpec: { name, description, inputSchema: { json: schema } } })) },
    });
    const streamed = async () => {
      const content = [];
      for await (const event of (await client.send(new bedrock.ConverseStreamCommand(request()))).stream) {
        const start = event.contentBlockStart;
        const delta = event.contentBlockDelta?.delta;
        const at = (start ?? event.contentBlockDelta)?.contentBlockIndex;
        if (start?.start?.toolUse) content[at] = { toolUse: { ...start.start.toolUse, input: '' } };
        if (delta?.text !== undefined) content[at] = { text: (content[at]?.text ?? '') + delta.text };
        if (delta?.toolUse) content[at].toolUse.input += delta.toolUse.input;
        if (delta?.reasoningContent) {
          content[at] ??= { reasoningContent: {} };
          const { text, signature, redactedContent } = delta.reasoningContent;
          const kept = content[at].reasoningContent;
          if (redactedContent) kept.redactedContent = redactedContent;
          if (text !== undefined || signature !== undefined) {
            kept.reasoningText ??= { text: '' };
            kept.reasoningText.text += text ?? '';
            if (signature !== undefined) kept.reasoningText.signature = signature;
          }
        }
      }
      for (const block of content) if (block.toolUse) block.toolUse.input = parsed(block.toolUse.input);
      return { role: 'assistant', content: content.filter(Boolean) };
    };
    const ask = async () => {
      const message = stream ? await streamed() : (await client.send(new bedrock.ConverseCommand(request()))).output.message;
      messages.push(message);
      return {
        text: message.content.map((block) => block.text ?? '').join(''),
        calls: message.content.filter((block) => block.toolUse).map(({ toolUse }) => ({ id: toolUse.toolUseId, name: toolUse.name, arguments: toolUse.input })),
      };
    };
    const keep = (done) => messages.push({ role: 'user', content: done.map(({ id, result }) => ({ toolResult: { toolUseId: id, content: [{ text: result }] } })) });
    return async (text, withImage) => {
      messages.push({ role: 'user', content: [{ text }, ...(withImage ? [{ image: { format: 'png', source: { bytes: Buffer.from(image, 'base64') } } }] : [])] });
      return untilDone(ask, keep);
    };
  },
};
