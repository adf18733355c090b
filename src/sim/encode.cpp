#include "sim/encode.h"

#include <simdjson.h>

#include <array>
#include <stdexcept>

namespace sluice::sim {

bool is_utf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

std::size_t whole_characters(std::string_view text, std::size_t at) {
  if (at >= text.size()) return text.size();
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80) --at;
  return at;
}

Gzip::Gzip() {
  constexpr int kGzipWindow = 15 + 16;
  if (deflateInit2(&zlib_, Z_BEST_SPEED, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("zlib cannot be set up");
  }
}

Gzip::~Gzip() {
  deflateEnd(&zlib_);
}

void Gzip::flush(std::string_view bytes, std::string& out) {
  push(bytes, Z_SYNC_FLUSH, out);
}

void Gzip::finish(std::string_view bytes, std::string& out) {
  push(bytes, Z_FINISH, out);
}

void Gzip::push(std::string_view bytes, int mode, std::string& out) {
  std::array<char, 16384> buffer;
  // zlib's input pointer is not const, but it does not write through it.
  zlib_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  zlib_.avail_in = static_cast<uInt>(bytes.size());
  do {
    zlib_.next_out = reinterpret_cast<Bytef*>(buffer.data());
    zlib_.avail_out = static_cast<uInt>(buffer.size());
    deflate(&zlib_, mode);
    out.append(buffer.data(), buffer.size() - zlib_.avail_out);
  } while (zlib_.avail_out == 0);
}

}  // namespace sluice::sim
