#include "provider/probe/probe.h"

#include "chat/request.h"
#include "dialect/faults.h"
#include "json/reader.h"
#include "net/limited.h"
#include "provider/gate/gate.h"
#include "provider/masks.h"

namespace sluice::provider {

namespace {

using Outcome = ProbeResult::Outcome;

constexpr std::size_t kMostOfAnswer = 1 << 20;
constexpr std::string_view kTokens = "16";  // the least that all APIs take

struct Question {
  http::RequestHead head;
  std::string body;
  const dialect::Client* client = nullptr;
  bool is_chat = false;
};

void add_fields(Question& question, const Provider& provider) {
  for (const auto& [name, value] : provider.headers) question.head.headers.set(name, value);
  question.head.headers.set("accept-encoding", "identity");
  question.head.headers.set("user-agent", "sluice-probe");
}

Question path_question(const Provider& provider, const ProbePlan& plan) {
  Question question{.head = {plan.method, upstream_target(provider, plan.path, ""), {}},
                    .body = {},
                    .client = provider.clients.front()};
  add_fields(question, provider);
  return question;
}

Result<Question> chat_question(const Deployment& deployment) {
  const auto& provider = *deployment.provider;
  Question question{.head = {"POST", "", {}}, .body = {}, .is_chat = true};
  for (const auto* client : provider.clients) {
    if (!question.client && client->offers(dialect::Operation::kChat) && client->knows(deployment.model))
      question.client = client;
  }
  if (!question.client) return fail(FaultKind::kInvalidRequest, "Its API has no chat.");
  const dialect::Target target{.provider = provider.name,
                               .model = deployment.model,
                               .operation = dialect::Operation::kChat,
                               .stream = false,
                               .quirks = provider.quirks,
                               .max_output = deployment.max_output};
  chat::Request request;
  request.model = deployment.model;
  request.turns.push_back({.role = chat::Role::kUser});
  request.turns.back().parts.push_back({.kind = chat::PartKind::kText, .text = {"ping"}});
  request.give(chat::Field::kMaxTokens, "max_tokens", kTokens);
  auto outgoing = question.client->write_chat(request, target);
  if (!outgoing) return fail_from(outgoing);
  question.head.target = upstream_target(provider, question.client->path(target), deployment.model);
  question.head.headers = std::move(outgoing->headers);
  question.head.headers.set("content-type", "application/json");
  question.body = std::move(outgoing->body);
  add_fields(question, provider);
  return question;
}

Task<Result<std::string>> read_body(net::Call& call) {
  std::string body;
  while (true) {
    auto bytes = co_await call.read();
    if (!bytes) co_return fail_from(bytes);
    if (bytes->empty()) break;
    body += *bytes;
    if (body.size() > kMostOfAnswer) co_return dialect::protocol_fault("The answer to a probe is too large");
  }
  json::pad(body);
  co_return body;
}

class Probing {
 public:
  Probing(const Probed& probed, SignTools& tools, json::Reader& reader)
      : probed_(probed), tools_(tools), reader_(reader) {}

  Task<ProbeResult> run() {
    std::optional<Room> own, shared;
    if (probed_.deployment && !enter(probed_.deployment->gate, own)) co_return ProbeResult{.why = "no room"};
    if (!enter(probed_.provider->gate, shared)) co_return ProbeResult{.why = "no room"};
    const Signer* signer = probed_.provider->signer.get();
    if (probed_.provider->keys) {
      auto use = probed_.provider->keys->take(0, now());
      if (!use) co_return ProbeResult{.why = use.error().told};
      key_.emplace(std::move(*use));
      signer = &key_->signer();
    }
    auto status = co_await ask(signer);
    if (tools_.cancel.cancelled()) co_return ProbeResult{.why = "it was ended"};
    tell(status);
    co_return std::move(result_);
  }

 private:
  static bool enter(Gate* gate, std::optional<Room>& room) {
    if (!gate) return true;
    auto entered = gate->try_enter();
    if (entered) room.emplace(std::move(*entered));
    return entered.has_value();
  }

  Task<Status> ask(const Signer* signer) {
    auto question = probed_.plan->path.empty() ? chat_question(*probed_.deployment)
                                               : Result<Question>(path_question(*probed_.provider, *probed_.plan));
    if (!question) co_return fail_from(question);
    const std::string_view body = question->body;
    const std::span<const std::string_view> pieces(&body, body.empty() ? 0 : 1);
    if (signer) {
      auto signed_ = co_await signer->sign(question->head, pieces, tools_);
      if (!signed_) co_return fail_from(signed_);
    }
    const auto limit = probed_.plan->timeout;
    auto call = co_await tools_.client.call(probed_.provider->origin, question->head, pieces,
                                            {.connect = limit, .first_byte = limit, .idle = limit}, tools_.cancel);
    if (!call) co_return fail_from(call);
    co_return co_await read(**call, *question);
  }

  Task<Status> read(net::Call& call, const Question& question) {
    const auto& head = call.head();
    result_.status = head.status;
    if (key_) probed_.provider->keys->goes_on(*key_, head, wall_now(), now());
    auto body = co_await read_body(call);
    if (!body) co_return fail_from(body);
    if (head.status < 200 || head.status > 299) {
      co_return fail(read_error(*probed_.provider, *question.client, head, *body, wall_now()));
    }
    if (!question.is_chat) co_return Status{};
    chat::Learned learned;
    auto answer = question.client->read_answer(dialect::Operation::kChat, nullptr, {}, learned, reader_);
    auto only = answer->read_whole(*body);
    const auto* price = price_of({probed_.deployment, probed_.deployment->model}, learned.model);
    result_.cost = cost_of(price, learned.usage, terms_of(learned, wall_now()));
    co_return only ? Status{} : Status(fail_from(only));
  }

  void tell(const Status& status) {
    using Counted = Breaker::Outcome;
    result_.outcome = Outcome::kGood;
    if (!status) {
      const auto failure = classify(status.error());
      const bool counts = failures()[static_cast<std::size_t>(failure)].counts == Counts::kYes;
      result_.outcome = counts ? Outcome::kFailed : Outcome::kUnclear;
      result_.why = status.error().told;
      mask(*probed_.provider, result_.why);
    }
    if (!key_) return;
    const bool failed = result_.outcome == Outcome::kFailed && result_.status != 0;
    key_->finish(status ? Counted::kServed : failed ? Counted::kFailed : Counted::kNotCounted, std::nullopt, now());
  }

  const Probed& probed_;
  SignTools& tools_;
  json::Reader& reader_;
  std::optional<KeyUse> key_;
  ProbeResult result_;
};

}  // namespace

Task<ProbeResult> probe(const Probed& probed, SignTools tools, json::Reader& reader) {
  net::Limited limited(tools.loop, tools.cancel, probed.plan->timeout);
  SignTools own{tools.loop, tools.client, tools.workers, limited.cancel(), tools.now};
  Probing probing(probed, own, reader);
  auto result = co_await probing.run();
  if (result.outcome == Outcome::kSkipped && limited.cancel().cancelled() && !tools.cancel.cancelled()) {
    result = {.outcome = Outcome::kFailed, .status = 0, .why = "No answer came in time.", .cost = {}};
  }
  co_return result;
}

}  // namespace sluice::provider
