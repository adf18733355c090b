// Images and documents by URL, for providers that take them only as bytes: fetched and put into the request.
//
// Thread rule: linked_media() and put_in() may run on a worker, when nothing else touches the exchange; the rest on the
// loop's thread. Lifetime: what was fetched is the exchange's, so a URL is fetched once for all parts and for tries
// that follow each other.
#pragma once

#include <string>
#include <vector>

#include "exchange/exchange.h"
#include "net/fetch.h"

namespace sluice::stage {

// A part of a request whose medium must be fetched.
struct Linked {
  chat::Part* part = nullptr;
  std::string url;
};

// The images and documents with an http or https URL that the provider does not take by it.
std::vector<Linked> linked_media(chat::Request& request, const dialect::Client& client, const dialect::Target& target);

// Fetches what the exchange does not have yet, a few at once. Faults: kInvalidRequest, with the place of the first
// part that failed; the cancel's reason.
Task<Status> fetch_media(Exchange& x, Try& t, const net::FetchRules& rules, const std::vector<Linked>& linked);

// Puts what was fetched in the place of the URLs. Faults: kInvalidRequest: an image was asked for, and a PDF came.
Status put_in(const Exchange& x, const std::vector<Linked>& linked);

// How many bytes more the request has for it.
std::size_t size_of(const Exchange& x, const std::vector<Linked>& linked);

}  // namespace sluice::stage
