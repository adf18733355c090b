#include "stage/dispatch/media.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/digest.h"
#include "base/text.h"
#include "dialect/faults.h"
#include "json/reader.h"
#include "net/limited.h"
#include "stage/dispatch/waiting.h"

namespace sluice::stage {

namespace {

using chat::PartKind;

constexpr std::size_t kAtOnce = 4;
constexpr std::size_t kMostUrls = 64;  // of one request: a request must not become a flood of others

bool is_web_url(std::string_view url) {
  return iequals(url.substr(0, 7), "http://") || iequals(url.substr(0, 8), "https://");
}

Fault refused(const Linked& linked, std::string_view why, std::string detail = {}) {
  const auto place = std::string(linked.part->media.place);
  const auto code = linked.part->kind == PartKind::kImage ? "invalid_image_url" : "invalid_file_url";
  auto fault = dialect::invalid_request(fmt::format("'{}' {}.", place, why), place, code).error();
  fault.detail = std::move(detail);
  return fault;
}

// The fetches of one request: so many at once as are allowed, in the order of the request.
class Fetches {
 public:
  Fetches(Exchange& x, Try& t, const net::FetchRules& rules, const std::vector<Linked>& linked)
      : x_(x),
        cancel_(t.cancel),
        rules_(rules),
        limited_(x.tools.loop, t.cancel, rules.timeout),
        fetch_(x.tools.client, rules, limited_.cancel()) {
    std::set<std::string_view> seen;
    for (const auto& one : linked) {
      if (!x.fetched.contains(one.url) && seen.insert(one.url).second) wanted_.push_back(&one);
    }
  }

  Task<Status> run() {
    if (wanted_.size() > kMostUrls) {
      co_return fail(
          refused(*wanted_[kMostUrls], fmt::format("is more than may be fetched for a request, {} URLs", kMostUrls)));
    }
    TaskGroup tasks;
    for (std::size_t i = 0; i < std::min(kAtOnce, wanted_.size()); ++i) spawn(work(), tasks);
    co_await tasks.join();
    if (cancel_.cancelled()) co_return fail(cancel_.reason());
    if (failed_) co_return fail(refused(*failed_, fault_.told, fault_.detail));
    co_return Status{};
  }

 private:
  Task<void> work() {
    while (next_ < wanted_.size() && !failed_) {
      const Linked& one = *wanted_[next_++];
      auto fault = co_await bring(one.url);
      if (!fault || failed_) continue;  // what a failure stopped has not failed by itself
      failed_ = &one;
      fault_ = std::move(*fault);
      limited_.cancel().cancel(Fault{.kind = FaultKind::kInvalidRequest});
    }
  }

  Task<std::optional<Fault>> bring(const std::string& url) {
    auto fetched = co_await fetch_.get(url);
    if (!fetched && fetched.error().kind == FaultKind::kProviderTimeout) {
      co_return Fault{.told = fmt::format("has an address that took longer than {} (fetch.timeout)",
                                          format_duration(rules_.timeout.count()))};
    }
    if (!fetched) co_return std::move(fetched.error());
    Medium medium{.type = fetched->type, .base64 = {}};
    if (fetched->bytes.size() <= json::kLoopLimit) {
      medium.base64 = base64(fetched->bytes);
    } else {
      co_await net::offload(x_.tools.loop, x_.tools.workers, [&] { medium.base64 = base64(fetched->bytes); });
    }
    x_.fetched.emplace(url, std::move(medium));  // another try may have been faster, and point to its own
    co_return std::nullopt;
  }

  Exchange& x_;
  Cancel& cancel_;
  const net::FetchRules& rules_;
  net::Limited limited_;
  net::Fetch fetch_;
  std::vector<const Linked*> wanted_;  // one of each URL
  std::size_t next_ = 0;
  const Linked* failed_ = nullptr;  // the first that did, and why
  Fault fault_;
};

}  // namespace

std::vector<Linked> linked_media(chat::Request& request, const dialect::Client& client, const dialect::Target& target) {
  std::vector<Linked> linked;
  auto look = [&](chat::Part& part) {
    const bool fetchable = part.kind == PartKind::kImage || part.kind == PartKind::kDocument;
    if (!fetchable || part.media.form != chat::Media::Form::kUrl || client.takes_url(part, target)) return;
    auto url = json::plain(part.media.data);
    if (is_web_url(url)) linked.push_back({&part, std::move(url)});
  };
  for (auto& turn : request.turns) {
    for (auto& part : turn.parts) {
      look(part);
      for (auto& inner : part.content) look(inner);
    }
  }
  return linked;
}

Task<Status> fetch_media(Exchange& x, Try& t, const net::FetchRules& rules, const std::vector<Linked>& linked) {
  Waiting waiting(x);
  Fetches fetches(x, t, rules, linked);
  co_return co_await fetches.run();
}

Status put_in(const Exchange& x, const std::vector<Linked>& linked) {
  for (const auto& one : linked) {
    const auto& medium = x.fetched.find(one.url)->second;
    const bool is_image = medium.type.starts_with("image/");
    if (one.part->kind == PartKind::kImage && !is_image) {
      return fail(refused(one, "has an address where a PDF is and no image"));
    }
    // A file may be an image, as its bytes tell.
    if (is_image) one.part->kind = PartKind::kImage;
    auto& media = one.part->media;
    media.form = chat::Media::Form::kInline;
    media.type = {medium.type};
    media.data = {medium.base64};
  }
  return {};
}

std::size_t size_of(const Exchange& x, const std::vector<Linked>& linked) {
  std::size_t size = 0;
  for (const auto& one : linked) size += x.fetched.find(one.url)->second.base64.size();
  return size;
}

}  // namespace sluice::stage
