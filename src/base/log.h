// The log: one JSON object (or one line of text) an entry, on standard error, written by a thread of its own so that no
// request waits for a slow terminal or pipe. Bounded: when the writer cannot keep up, further entries are dropped,
// counted and the number is logged.
//
// Thread rule: any thread. Levels: trace debug info warn error. No secret is ever given to it.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"

namespace sluice::log {

enum class Level { kTrace, kDebug, kInfo, kWarn, kError };
enum class Format { kJson, kText };

// Starts the writer thread; before it (and after stop()) entries go straight to standard error.
void start(Level level, Format format);
void stop();  // writes what is queued, then ends the thread
void set_level(Level level);
void set_format(Format format);  // of entries from here on
bool enabled(Level level);

struct Field {
  std::string_view name;
  std::variant<std::string_view, std::int64_t, bool> value;
};

// log::write(Level::kInfo, "listening", {{"address", "127.0.0.1"}, {"port", 8080}});
// Texts may hold any bytes: they are escaped, and broken UTF-8 is replaced. Fields with an empty text are left out.
void write(Level level, std::string_view message, std::initializer_list<Field> fields = {});

// What a fault tells the log: its kind, what the client was told and the detail.
void write(Level level, std::string_view message, const Fault& fault);

}  // namespace sluice::log
