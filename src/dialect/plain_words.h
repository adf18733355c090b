// What an error says whose body is no JSON of any API: proxies and small servers answer with a line of text. Pure; any
// thread.
#pragma once

#include <string>
#include <string_view>

namespace sluice::dialect {

// The text as it may be told (tell.h), or nothing: for pages, for JSON other than a string, for what is long or cannot
// be read.
std::string plain_words(std::string_view content_type, std::string_view body);

}  // namespace sluice::dialect
