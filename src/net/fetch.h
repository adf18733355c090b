// Fetches images and PDFs from URLs that a caller chose, trusting neither the URL nor what is behind it.
//
// Only http and https, only listed hosts, only addresses that the rules allow: those of a name are looked up once and
// connected to are those that were checked. A redirect is a new URL, checked like the first. Nothing of the caller's
// request is sent along. What comes must be of a type that its own first bytes tell, and fit in what is left of the
// limit for one request. No proxy is used: it would choose the address.
//
// Thread rule: the loop's thread; get() may run several times at once. Lifetime: what it is given outlives it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/url.h"
#include "net/client.h"

namespace sluice::net {

struct FetchRules {
  // "a.test" is its ports 80 and 443, "a.test:8080" another one; '*' stands for any text. In lower case; empty: all
  // hosts on ports 80 and 443.
  std::vector<std::string> hosts;
  std::shared_ptr<const AddressRules> addresses = std::make_shared<const AddressRules>(std::vector<Network>());
  std::shared_ptr<ClientTls> tls;
  std::size_t max_bytes = 20 << 20;  // of all that one request needs
  Ms timeout{10'000};                // the same
};

// What keeps a text from being an entry of FetchRules::hosts; empty: nothing.
std::string_view fetch_host_mistake(std::string_view host);

struct Fetched {
  std::string_view type;  // a constant: "image/png"
  std::string bytes;
};

// The fetching for one request.
class Fetch {
 public:
  Fetch(Client& client, const FetchRules& rules, Cancel& cancel)
      : client_(client), rules_(rules), cancel_(cancel), room_(rules.max_bytes) {}
  Fetch(const Fetch&) = delete;
  Fetch& operator=(const Fetch&) = delete;

  // Faults: kInvalidRequest, where `told` ends a sentence that names the URL's place ("has an address that …") and
  // tells nothing of the network here; or the cancel's reason.
  Task<Result<Fetched>> get(std::string url);

 private:
  Task<Result<std::unique_ptr<Call>>> ask(const http::Link& link);
  Task<Result<Fetched>> read(Call& call);

  Client& client_;
  const FetchRules& rules_;
  Cancel& cancel_;
  std::size_t room_;
};

}  // namespace sluice::net
