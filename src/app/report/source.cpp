#include "app/report/source.h"

#include <fmt/format.h>

#include "admin/exchanges.h"
#include "admin/report.h"
#include "app/remote/remote.h"
#include "store/sqlite/sqlite_ledger.h"

namespace sluice::app {

namespace {

constexpr Ms kLimit{60'000};

class Gateway final : public BookSource {
 public:
  explicit Gateway(Remote remote) : remote_(std::move(remote)) {}

  Result<std::string> get(const std::string& path, const std::string& query) override {
    RemoteLoop loop;  // each runs one task
    const auto target = "/admin/v1" + path + (query.empty() ? "" : "?" + query);
    auto answer = loop.run(ask(loop, remote_, "GET", target, std::string(), kLimit));
    if (!answer) return fail_from(answer);
    if (answer->status != 200) return fail(FaultKind::kInvalidRequest, error_text(*answer));
    return std::move(answer->body);
  }

 private:
  Remote remote_;
};

class Directory final : public BookSource {
 public:
  explicit Directory(std::unique_ptr<store::Ledger> ledger) : ledger_(std::move(ledger)) {}

  Result<std::string> get(const std::string& path, const std::string& query) override {
    const admin::Tools tools{routes_, recent_, nullptr, *ledger_};
    const admin::Ask ask{.parameter = {}, .query = query, .body = {}, .who = reader_};
    if (path == "/report") return admin::get_report(tools, ask);
    return admin::list_exchanges(tools, ask);
  }

 private:
  std::unique_ptr<store::Ledger> ledger_;
  provider::Routes routes_;
  stage::Recent recent_{0};
  const Caller reader_{.role = Role::kMaster};  // whoever can read the file can read all of it
};

}  // namespace

Result<std::unique_ptr<BookSource>> open_books(const BookOptions& options) {
  if (options.data.empty()) {
    auto remote = remote_gateway(options.gateway, options.key);
    if (!remote) return fail_from(remote);
    return std::make_unique<Gateway>(std::move(*remote));
  }
  auto ledger = store::SqliteLedger::open_to_read(options.data + "/sluice.db");
  if (!ledger) return fail_from(ledger);
  return std::make_unique<Directory>(std::move(*ledger));
}

}  // namespace sluice::app
