// Single values of the configuration as text: addresses and URLs.
//
// Thread rule: pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "app/config.h"

namespace sluice::app {

// "127.0.0.1:8080", "[::1]:8080", "localhost:0". Nothing when it is not an address with a port.
std::optional<Address> parse_address(std::string_view text);

// What keeps the text from being the address of an HTTP API, empty when nothing does. Never repeats the text, which may
// hold a password.
std::string url_mistake(std::string_view url);
// The same for the origin of a web page as a browser says it in the field Origin: "https://host", "http://host:8080",
// "null", or "*" for all. What no browser would say matches none.
std::string origin_mistake(std::string_view origin);
// The same for a proxy: "http://host:port", "http://user:password@host:port" or "none".
std::string proxy_mistake(std::string_view url);

}  // namespace sluice::app
