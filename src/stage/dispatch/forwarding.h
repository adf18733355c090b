// Which header fields cross the gateway, in both directions. Pure; any thread.
//
// Credentials and cookies of the client never pass. For routes few fields pass, for passthrough all but the
// connection's and those of one table.
#pragma once

#include "exchange/exchange.h"
#include "http/message.h"

namespace sluice::stage {

// The client's fields that belong to its API: "anthropic-beta". They go to a provider of the same dialect.
http::Headers api_fields(const Exchange& x);

// The head that goes to the provider of t.target: its path, the client's fields it may see, our credentials.
http::RequestHead native_head(const Exchange& x, const Try& t, const dialect::Client& client,
                              const dialect::Target& target, const http::Headers& added);
http::RequestHead translated_head(const Exchange& x, const Try& t, const dialect::Client& client,
                                  const dialect::Target& target, const http::Headers& added);
http::RequestHead passthrough_head(const Exchange& x, const Try& t);

// The provider's fields that the client may see. Its request id, which the try has, comes as
// x-sluice-provider-request-id.
http::Headers client_headers(const Exchange& x, const Try& t, const http::ResponseHead& answer);

// The provider's own id of the request, as it wrote it; empty when it sent none.
std::string_view provider_request_id(const http::Headers& headers);

}  // namespace sluice::stage
