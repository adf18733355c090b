// Codings the simulator writes: gzip, and where UTF-8 may be cut.
//
// Thread rule: free functions are pure; a Gzip belongs to one thread. Source: RFC 1952.
#pragma once

#include <zlib.h>

#include <string>
#include <string_view>

namespace sluice::sim {

// True when the whole text is UTF-8.
bool is_utf8(std::string_view text);

// The largest position ≤ `at` that does not cut a UTF-8 sequence of `text`.
std::size_t whole_characters(std::string_view text, std::size_t at);

// A gzip stream. flush() makes everything added so far decodable; finish() ends the stream.
class Gzip {
 public:
  Gzip();
  ~Gzip();
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  void flush(std::string_view bytes, std::string& out);
  void finish(std::string_view bytes, std::string& out);

 private:
  void push(std::string_view bytes, int mode, std::string& out);
  z_stream zlib_{};
};

}  // namespace sluice::sim
