// Names of files, for APIs that tell a file's type by the ending of its name.
//
// Thread rule: pure.
#pragma once

#include <string>
#include <string_view>

#include "chat/request.h"

namespace sluice::dialect {

// Escaped: "Q3 report.pdf" of a PDF with the title "Q3 report"; "document.pdf" where it has none. A name that has the
// ending of its type already, or whose type is not known, stays.
std::string file_name(const chat::Media& document);
// The media type that the ending of a name stands for; empty: none that is known.
std::string_view type_of_file(std::string_view name);

}  // namespace sluice::dialect
