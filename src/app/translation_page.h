// What becomes of each field of each API when the provider speaks another one, as Markdown: made from the tables that
// the dialects work by.
//
// Thread rule: pure.
#pragma once

#include <string>

namespace sluice::app {

std::string translation_page();

}  // namespace sluice::app
