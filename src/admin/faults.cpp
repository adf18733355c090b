#include "admin/faults.h"

#include <fmt/format.h>

#include "admin/deployments.h"
#include "admin/members.h"
#include "admin/params.h"
#include "base/text.h"
#include "json/writer.h"

namespace sluice::admin {

namespace {

using stage::InjectedKind;
using stage::Injection;
using stage::Injections;

constexpr std::string_view kMembers[] = {"deployment", "kind", "status", "delay", "share", "for"};
constexpr std::string_view kEndParams[] = {"deployment"};
constexpr Ms kUsually{60'000};
constexpr Ms kLongestDelay{600'000};

Status check_allowed(const Tools& tools) {
  if (tools.injections) return {};
  return fail(Fault{.kind = FaultKind::kForbidden,
                    .told = "Faults are not injected here: 'drill: { enabled: true }' is not configured. It belongs "
                            "into the configuration of a staging gateway.",
                    .code = "drill_disabled"});
}

void write(json::Writer& json, const Injection& injection, Instant at) {
  json.begin_object();
  json.key("deployment").text(injection.deployment);
  json.key("kind").text(stage::name(injection.kind));
  if (injection.kind == InjectedKind::kStatus) json.key("status").number(std::int64_t{injection.status});
  if (injection.kind == InjectedKind::kSlow) json.key("delay").text(format_duration(injection.delay.count()));
  json.key("share").raw(fmt::format("{}", injection.permille / 1000.0));
  json.key("remaining_ms").number(std::int64_t{std::chrono::ceil<Ms>(injection.until - at).count()});
  json.end_object();
}

std::string written(const Injections& injections) {
  std::string out;
  json::Writer json(out);
  auto at = now();
  json.begin_object().key("faults").begin_array();
  for (const auto& injection : injections.all(at)) write(json, injection, at);
  json.end_array().end_object();
  return out;
}

Result<Injection> read(const Tools& tools, std::string_view body) {
  auto members = Members::read(body, kMembers);
  if (!members) return fail_from(members);
  auto deployment = members->text("deployment");
  if (!deployment) return fail_from(deployment);
  if (auto known = check_deployment(tools.routes, *deployment); !known) return fail_from(known);
  auto kind = members->word("kind", stage::kInjectedKinds);
  if (!kind) return fail_from(kind);
  auto status = members->number("status", 503, 400, 599);
  if (!status) return fail_from(status);
  auto delay = members->duration("delay", Ms(2'000), kLongestDelay);
  if (!delay) return fail_from(delay);
  auto share = members->permille("share", 1000);
  if (!share) return fail_from(share);
  auto time = members->duration("for", kUsually, Injections::kLongest);
  if (!time) return fail_from(time);
  return Injection{.deployment = *deployment,
                   .kind = *stage::injected_kind(*kind),
                   .status = static_cast<int>(*status),
                   .delay = *delay,
                   .permille = *share,
                   .until = now() + *time};
}

}  // namespace

Result<std::string> list_faults(const Tools& tools, const Ask&) {
  if (auto allowed = check_allowed(tools); !allowed) return fail_from(allowed);
  return written(*tools.injections);
}

Result<std::string> put_fault(const Tools& tools, const Ask& ask) {
  if (auto allowed = check_allowed(tools); !allowed) return fail_from(allowed);
  auto injection = read(tools, ask.body);
  if (!injection) return fail_from(injection);
  if (!tools.injections->set(std::move(*injection))) {
    return invalid("deployment", fmt::format("{} faults are injected already; end one of them.", Injections::kMost));
  }
  return written(*tools.injections);
}

Result<std::string> delete_faults(const Tools& tools, const Ask& ask) {
  if (auto allowed = check_allowed(tools); !allowed) return fail_from(allowed);
  auto params = Params::read(ask.query, kEndParams);
  if (!params) return fail_from(params);
  auto deployment = params->text("deployment");
  if (!deployment) {
    tools.injections->end_all();
  } else if (!tools.injections->end(*deployment)) {
    return not_found("deployment", fmt::format("No fault is injected at '{}'.", printable(*deployment)));
  }
  return written(*tools.injections);
}

}  // namespace sluice::admin
