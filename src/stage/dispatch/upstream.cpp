#include "stage/dispatch/upstream.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <iterator>

#include "base/text.h"
#include "chat/seal.h"
#include "dialect/faults.h"
#include "exchange/with_reader.h"
#include "json/reader.h"
#include "stage/dispatch/forwarding.h"
#include "stage/dispatch/media.h"
#include "stage/dispatch/usage_option.h"

namespace sluice::stage {

namespace {

constexpr std::string_view kBetas = "anthropic-beta";

// What the try sends: the client's own, or with the limit that its budget can pay.
const std::string& body_of(const Exchange& x, const Try& t) {
  return t.own ? t.own->body : x.body;
}
const dialect::Asked& asked_of(const Exchange& x, const Try& t) {
  return t.own ? t.own->asked : x.asked;
}

dialect::Target target_of(const Exchange& x, const Try& t) {
  const auto& deployment = *t.target.deployment;
  dialect::Target target{.provider = deployment.provider->name,
                         .model = t.target.model,
                         .operation = x.endpoint->operation,
                         .stream = x.asked.stream,
                         .quirks = deployment.provider->quirks,
                         .max_output = deployment.max_output};
  target.quirks.stream_options = takes_stream_options(t);
  return target;
}

// Of the client's betas those that this provider takes: out of the client's fields, as one list. The others are told in
// `left`.
std::string take_betas(const Try& t, http::Headers& fields, std::vector<chat::Request::Lost>& left) {
  std::string asked;
  for (const auto& [name, value] : fields) {
    if (!iequals(name, kBetas)) continue;
    if (!asked.empty()) asked += ',';
    asked += value;
  }
  auto betas = provider::taken_betas(t.target.deployment->provider->betas, asked);
  left.reserve(betas.left.size());
  for (const std::string& beta : betas.left) {
    left.push_back({.path = fmt::format("{}.{}", kBetas, beta), .unplaced = chat::Unplaced::kDropped, .why = {}});
  }
  fields.remove(kBetas);
  return std::move(betas.taken);
}

// The answer so far, for the model to go on with.
chat::Turn said_so_far(const Try& t) {
  chat::Turn turn{.role = chat::Role::kAssistant, .prefill = true};
  turn.parts.push_back({.kind = chat::PartKind::kText, .text = {t.continues}});
  return turn;
}

// Only text can be gone on with, by a provider that does so: others would begin anew.
Status check_continues(const Try& t, const chat::Request& request, const dialect::Outgoing& outgoing) {
  using Kind = chat::OutputFormat::Kind;
  const bool is_formed = request.format.kind == Kind::kJson || request.format.kind == Kind::kSchema;
  const bool is_lost = std::ranges::any_of(outgoing.lost, [](const chat::Request::Lost& lost) {
    return lost.path.ends_with("prefix") || lost.path.ends_with("prefill");
  });
  if (!is_formed && !is_lost) return {};
  return dialect::invalid_request(
      fmt::format("The provider '{}' cannot go on with an answer of another one.", t.target.deployment->provider->name),
      "", "unsupported_continuation");
}

// A request on its way from the client's dialect to the provider's.
class Translating {
 public:
  // Without rules nothing is fetched. `betas` outlives this.
  Translating(Exchange& x, Try& t, const provider::Service& service, const net::FetchRules* rules,
              std::string_view betas, Translation& into)
      : x_(x),
        t_(t),
        client_(*service.client),
        service_(service),
        rules_(rules),
        into_(into),
        target_(target_of(x, t)) {
    target_.betas = betas;
  }

  Task<Result<dialect::Outgoing>> run() {
    Result<dialect::Outgoing> outgoing;
    co_await with_reader(x_, body().size(), [&](json::Reader& reader) { outgoing = translate(reader); });
    if (linked_.empty()) co_return outgoing;
    auto fetched = co_await fetch_media(x_, t_, *rules_, linked_);
    if (!fetched) co_return fail_from(fetched);
    if (auto put = put_in(x_, linked_); !put) co_return fail_from(put);
    co_await with_reader(x_, body().size() + size_of(x_, linked_),
                         [&](json::Reader&) { outgoing = client_.write_chat(into_.request, target_); });
    co_return outgoing;
  }

 private:
  Result<dialect::Outgoing> translate(json::Reader& reader) {
    switch (x_.endpoint->operation) {
      case dialect::Operation::kEmbed: {
        auto request = x_.server->read_embed(*x_.endpoint, body(), reader);
        if (!request) return fail_from(request);
        into_.embed = std::move(*request);
        into_.embed.model = x_.asked.model;
        return client_.write_embed(into_.embed, target_);
      }
      case dialect::Operation::kRerank: {
        auto request = x_.server->read_rerank(*x_.endpoint, body(), reader);
        if (!request) return fail_from(request);
        into_.rerank = std::move(*request);
        into_.rerank.model = x_.asked.model;
        return client_.write_rerank(into_.rerank, target_);
      }
      default:
        return translate_chat(reader);
    }
  }

  // Is not written yet where something must be fetched first.
  Result<dialect::Outgoing> translate_chat(json::Reader& reader) {
    auto request = x_.server->read_chat(*x_.endpoint, body(), reader);
    if (!request) return fail_from(request);
    into_.request = std::move(*request);
    into_.request.model = x_.asked.model;
    into_.request.stream = x_.asked.stream;
    if (!t_.continues.empty()) into_.request.turns.push_back(said_so_far(t_));
    // Also where the answer is written anew, the client has it from this API.
    const bool is_own = client_.passes(*x_.endpoint) && !t_.sheds_state;
    chat::unseal(into_.request, t_.sheds_state ? std::string_view() : target_.provider,
                 is_own ? chat::StateOf::kClientDialect : chat::StateOf::kOtherDialect);
    if (rules_ && !service_.passes) linked_ = linked_media(into_.request, client_, target_);
    if (!linked_.empty()) return dialect::Outgoing{};
    return client_.write_chat(into_.request, target_);
  }

  const std::string& body() const { return body_of(x_, t_); }

  Exchange& x_;
  Try& t_;
  const dialect::Client& client_;
  const provider::Service& service_;
  const net::FetchRules* rules_;
  Translation& into_;
  dialect::Target target_;
  std::vector<Linked> linked_;
};

// What was left out is told, or the request is refused where the route says so.
Status note_dropped(Exchange& x, Try& t, const std::vector<chat::Request::Lost>& lost) {
  t.dropped.clear();
  for (const auto& left : lost) {
    if (left.unplaced != chat::Unplaced::kDropped) continue;
    if (x.match.route->drop == provider::Drop::kRefuse) {
      return dialect::invalid_request(
          fmt::format("'{}' has no place at provider '{}' and would be dropped, which the route '{}' refuses (drop).",
                      left.path, t.target.deployment->provider->name, x.match.route->name),
          left.path, "unsupported_parameter");
    }
    t.dropped.push_back(left.path);
  }
  return {};
}

std::unique_ptr<dialect::AnswerWriter> writer_for(const Exchange& x, const Try& t, const Translation& translation) {
  if (x.endpoint->operation != dialect::Operation::kChat) return nullptr;
  return x.server->write_answer(
      {.endpoint = x.endpoint,
       .request = &translation.request,
       .asked_model = x.asked.model,
       .origin = t.target.deployment->provider->name,
       .exchange_id = x.id,
       .created = std::chrono::duration_cast<std::chrono::seconds>(wall_now().time_since_epoch()).count(),
       .stream = x.asked.stream,
       .query = http::query_of(x.request.head().target)});
}

// The changes of bytes that pass through, with what this provider takes only in another spelling; what it does not get
// is told in `left`.
Task<Result<dialect::Changes>> respelled(Exchange& x, Try& t, const provider::Service& service,
                                         const dialect::Changes& changes, std::vector<chat::Request::Lost>& left) {
  const auto& provider = *t.target.deployment->provider;
  dialect::Respelled spelled;
  co_await with_reader(x, body_of(x, t).size(), [&](json::Reader& reader) {
    spelled = service.client->respelled(*x.endpoint, asked_of(x, t), body_of(x, t), changes, provider.quirks, reader);
  });
  for (auto& lost : spelled.lost) {
    if (lost.unplaced == chat::Unplaced::kRefused) {
      co_return dialect::unsupported(lost.path, lost.why, provider.name, t.target.model);
    }
    left.push_back(std::move(lost));
  }
  co_return std::move(spelled.changes);
}

// The client's own bytes, and its own fields of the API: a host of it may want them in the body.
Task<Result<Upstream>> native(Exchange& x, Try& t, const provider::Service& service, const dialect::Changes& changes) {
  Upstream upstream;
  auto added = api_fields(x);
  std::vector<chat::Request::Lost> left;
  const bool tells_usage = t.target.deployment->provider->quirks.usage_on_streams;
  if (changes.drop_stream_options && x.asked.usage_wanted && !tells_usage) left.push_back({.path = "stream_options"});
  if (added.has(kBetas) && !provider::takes_all(t.target.deployment->provider->betas)) {
    if (auto betas = take_betas(t, added, left); !betas.empty()) added.add(kBetas, betas);
  }
  if (service.client->respells(*x.endpoint, t.target.deployment->provider->quirks)) {
    auto spelled = co_await respelled(x, t, service, changes, left);
    if (!spelled) co_return fail_from(spelled);
    upstream.body = service.client->write_native(*x.endpoint, asked_of(x, t), body_of(x, t), *spelled, added);
  } else {
    upstream.body = service.client->write_native(*x.endpoint, asked_of(x, t), body_of(x, t), changes, added);
  }
  if (auto noted = note_dropped(x, t, left); !noted) co_return fail_from(noted);
  upstream.head = native_head(x, t, *service.client, target_of(x, t), added);
  co_return upstream;
}

Task<Result<Upstream>> translated(Exchange& x, Try& t, const provider::Service& service, const net::FetchRules* rules) {
  Upstream upstream;
  auto added = service.passes ? api_fields(x) : http::Headers();
  std::vector<chat::Request::Lost> left;
  const std::string betas = take_betas(t, added, left);
  auto translation = std::make_unique<Translation>();
  Translating translating(x, t, service, rules, betas, *translation);
  auto outgoing = co_await translating.run();
  if (!outgoing) co_return fail_from(outgoing);
  if (!t.continues.empty()) {
    auto goes_on = check_continues(t, translation->request, *outgoing);
    if (!goes_on) co_return fail_from(goes_on);
  }
  std::ranges::move(outgoing->lost, std::back_inserter(left));
  if (auto noted = note_dropped(x, t, left); !noted) co_return fail_from(noted);
  for (const auto& [name, value] : outgoing->headers) {
    if (!added.has(name)) added.add(name, value);
  }
  upstream.head = translated_head(x, t, *service.client, target_of(x, t), added);
  auto& body = upstream.body.owned.emplace_front(std::move(outgoing->body));
  upstream.body.pieces.push_back(body);
  if (!service.passes) {
    translation->renamed = std::move(outgoing->renamed);
    auto* before = t.continued ? t.continued->translation.get() : nullptr;
    translation->writer = before && before->writer ? std::move(before->writer) : writer_for(x, t, *translation);
    t.translation = std::move(translation);
  }
  co_return upstream;
}

}  // namespace

Task<Result<Upstream>> write_upstream(Exchange& x, Try& t, const provider::Service& service,
                                      const dialect::Changes& changes, const net::FetchRules* rules) {
  const bool is_counted_otherwise =
      x.endpoint->operation == dialect::Operation::kCountTokens && !service.client->answers_as(*x.endpoint);
  const bool is_native = service.passes && !x.has_seal && !t.sheds_state && !is_counted_otherwise;
  return is_native ? native(x, t, service, changes) : translated(x, t, service, rules);
}

Upstream raw_upstream(const Exchange& x, const Try& t) {
  Upstream upstream{.head = passthrough_head(x, t), .body = {}};
  upstream.body.pieces.push_back(x.body);
  return upstream;
}

}  // namespace sluice::stage
