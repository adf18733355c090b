// Asking a token end point or metadata server: one request within one limit, and what its JSON says.
//
// Redirects are not followed: the host is the one that was configured. No fault holds a byte of an answer but a plain
// error code. Thread rule: the loop's thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/cursor.h"
#include "provider/sign/credentials.h"

namespace sluice::provider {

inline constexpr Ms kMetadataLimit{2'000};
inline constexpr Ms kTokenLimit{10'000};

struct Asked {
  int status = 0;
  Secret body;
};

// Faults: kUnreachable, kProviderTimeout, kProviderProtocol, kOverloaded, all with Retry::kOther and a sentence that
// begins with `what` ("AWS credentials"); or the cancel's reason.
Task<Result<Asked>> ask(SignTools& tools, const net::Origin& origin, const http::RequestHead& head,
                        std::string_view body, Ms limit, std::string_view what);

// "WHAT could not be fetched from HOST: WHY."
Fault not_fetched(FaultKind kind, std::string_view what, std::string_view host, std::string_view why);
// An answer with an error status.
Fault refused(std::string_view what, std::string_view host, const Asked& answer);
// A 200 with something else in it than is needed.
Fault not_understood(std::string_view what, std::string_view host, std::string_view why);

// The members of a JSON object, and of the objects in it (to a depth of four), that are texts or numbers.
class Members {
 public:
  // Nothing, with the offset of the mistake and what was expected there, when the text is no JSON object.
  static std::expected<Members, std::pair<std::size_t, std::string>> read(std::string_view json);
  // The outermost of this name; empty when there is none.
  std::string_view get(std::string_view name) const;

 private:
  struct Member {
    std::string name;
    Secret value;
    int depth = 0;
  };
  bool read_object(json::Cursor& cursor, int depth);

  std::vector<Member> members_;
};

// Whether it may stand in a header field: not empty, no white space, no control characters.
bool is_token(std::string_view text);

// The whole file; nothing when it cannot be read or is larger than 1 MiB. Blocks: for start or a worker.
std::optional<std::string> read_file(const std::string& path);

// The same on a worker.
Task<std::optional<std::string>> read_on_worker(SignTools& tools, std::string path);

}  // namespace sluice::provider
