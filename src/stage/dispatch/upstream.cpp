#include "stage/dispatch/upstream.h"

#include <fmt/format.h>

#include <algorithm>

#include "chat/seal.h"
#include "dialect/faults.h"
#include "json/reader.h"
#include "stage/dispatch/forwarding.h"

namespace sluice::stage {

namespace {

dialect::Target target_of(const Exchange& x, const Try& t) {
  const auto& deployment = *t.target.deployment;
  return {.provider = deployment.provider->name,
          .model = t.target.model,
          .operation = x.endpoint->operation,
          .stream = x.asked.stream,
          .quirks = deployment.provider->quirks,
          .max_output = deployment.max_output};
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

// Reads the body in the client's dialect and writes it in the provider's. `reader` may be another than the loop's.
Result<dialect::Outgoing> translate(Exchange& x, const Try& t, const provider::Service& service,
                                    const dialect::Target& target, Translation& into, json::Reader& reader) {
  switch (x.endpoint->operation) {
    case dialect::Operation::kEmbed: {
      auto request = x.server->read_embed(*x.endpoint, x.body, reader);
      if (!request) return fail_from(request);
      into.embed = std::move(*request);
      into.embed.model = x.asked.model;
      return service.client->write_embed(into.embed, target);
    }
    case dialect::Operation::kRerank: {
      auto request = x.server->read_rerank(*x.endpoint, x.body, reader);
      if (!request) return fail_from(request);
      into.rerank = std::move(*request);
      into.rerank.model = x.asked.model;
      return service.client->write_rerank(into.rerank, target);
    }
    default:
      break;
  }
  auto request = x.server->read_chat(*x.endpoint, x.body, reader);
  if (!request) return fail_from(request);
  into.request = std::move(*request);
  into.request.model = x.asked.model;
  into.request.stream = x.asked.stream;
  if (!t.continues.empty()) into.request.turns.push_back(said_so_far(t));
  chat::unseal(into.request, target.provider,
               service.passes ? chat::StateOf::kClientDialect : chat::StateOf::kOtherDialect);
  return service.client->write_chat(into.request, target);
}

Task<Result<dialect::Outgoing>> translated(Exchange& x, Try& t, const provider::Service& service, Translation& into) {
  const auto target = target_of(x, t);
  if (x.body.size() <= json::kLoopLimit) co_return translate(x, t, service, target, into, x.tools.reader);
  Result<dialect::Outgoing> outgoing;
  co_await net::offload(x.tools.loop, x.tools.workers, [&] {
    json::Reader reader;
    outgoing = translate(x, t, service, target, into, reader);
  });
  co_return outgoing;
}

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

// The changes of bytes that pass through, with what this provider takes only in another spelling.
Task<Result<dialect::Changes>> respelled(Exchange& x, Try& t, const provider::Service& service,
                                         const dialect::Changes& changes) {
  const auto& provider = *t.target.deployment->provider;
  dialect::Respelled spelled;
  auto respell = [&](json::Reader& reader) {
    spelled = service.client->respelled(*x.endpoint, x.asked, x.body, changes, provider.quirks, reader);
  };
  if (x.body.size() <= json::kLoopLimit) {
    respell(x.tools.reader);
  } else {
    co_await net::offload(x.tools.loop, x.tools.workers, [&] {
      json::Reader reader;
      respell(reader);
    });
  }
  for (const auto& left : spelled.lost) {
    if (left.unplaced != chat::Unplaced::kRefused) continue;
    co_return dialect::unsupported(left.path, left.why, provider.name, t.target.model);
  }
  if (auto noted = note_dropped(x, t, spelled.lost); !noted) co_return fail_from(noted);
  co_return std::move(spelled.changes);
}

}  // namespace

Task<Result<Upstream>> write_upstream(Exchange& x, Try& t, const provider::Service& service,
                                      const dialect::Changes& changes) {
  Upstream upstream;
  // The client's own fields of the API; a host of it may want them in the body.
  auto added = service.passes ? api_fields(x) : http::Headers();
  if (service.passes && !x.has_seal) {
    if (service.client->respells(*x.endpoint, t.target.deployment->provider->quirks)) {
      auto spelled = co_await respelled(x, t, service, changes);
      if (!spelled) co_return fail_from(spelled);
      upstream.body = service.client->write_native(*x.endpoint, x.asked, x.body, *spelled, added);
    } else {
      upstream.body = service.client->write_native(*x.endpoint, x.asked, x.body, changes, added);
    }
    upstream.head = native_head(x, t, *service.client, target_of(x, t), added);
    co_return upstream;
  }
  auto translation = std::make_unique<Translation>();
  auto outgoing = co_await translated(x, t, service, *translation);
  if (!outgoing) co_return fail_from(outgoing);
  if (!t.continues.empty()) {
    auto goes_on = check_continues(t, translation->request, *outgoing);
    if (!goes_on) co_return fail_from(goes_on);
  }
  if (auto noted = note_dropped(x, t, outgoing->lost); !noted) co_return fail_from(noted);
  for (const auto& [name, value] : outgoing->headers) {
    if (!added.has(name)) added.add(name, value);
  }
  upstream.head = translated_head(x, t, *service.client, target_of(x, t), added);
  auto& body = *upstream.body.owned.emplace_back(std::make_unique<std::string>(std::move(outgoing->body)));
  upstream.body.pieces.push_back(body);
  if (!service.passes) {
    translation->renamed = std::move(outgoing->renamed);
    auto* before = t.continued ? t.continued->translation.get() : nullptr;
    translation->writer = before && before->writer ? std::move(before->writer) : writer_for(x, t, *translation);
    t.translation = std::move(translation);
  }
  co_return upstream;
}

Upstream raw_upstream(const Exchange& x, const Try& t) {
  Upstream upstream{.head = passthrough_head(x, t), .body = {}};
  upstream.body.pieces.push_back(x.body);
  return upstream;
}

}  // namespace sluice::stage
