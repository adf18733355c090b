#include "http/coding.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <new>
#include <optional>
#include <vector>

#include "base/text.h"

namespace sluice::http {

namespace {

constexpr std::size_t kChunk = 16 << 10;
constexpr std::size_t kMostCodings = 4;
// 8 MiB: what RFC 9659 lets a server use; more would let a few bytes ask for 128 MiB of memory.
constexpr int kZstdWindowLog = 23;
constexpr std::string_view kCodings = "gzip, deflate, br, zstd";

Failure broken(std::string_view coding, std::string_view what) {
  return fail(FaultKind::kProviderProtocol, "The body is not valid " + std::string(coding) + ".", std::string(what));
}

// What the codings share: the limit, the chunk that bytes are decoded into, and that a failure is final.
class LimitedDecoder : public Decoder {
 public:
  explicit LimitedDecoder(std::size_t limit) : limit_(limit), chunk_(kChunk) {}
  void renew_limit() final { given_ = 0; }

  Status feed(std::string_view bytes, std::string& out) final {
    if (failure_) return fail(*failure_);
    auto status = decode(bytes, out);
    if (!status) failure_ = status.error();
    return status;
  }

 protected:
  virtual Status decode(std::string_view bytes, std::string& out) = 0;

  // Gives out the first `size` bytes of the chunk.
  Status give(std::size_t size, std::string& out) {
    if (size > limit_ - given_) {
      return fail(FaultKind::kTooLarge,
                  "The decompressed body is larger than the limit of " + format_size(limit_) + ".");
    }
    given_ += size;
    out.append(chunk_.data(), size);
    return {};
  }

  char* chunk() { return chunk_.data(); }

 private:
  std::size_t limit_;
  std::size_t given_ = 0;
  std::vector<char> chunk_;
  std::optional<Fault> failure_;
};

// RFC 1952 (one member or more), RFC 1950, RFC 1951.
class Inflater final : public LimitedDecoder {
 public:
  enum class Format { kGzip, kDeflate };
  Inflater(Format format, std::size_t limit) : LimitedDecoder(limit), format_(format) {
    if (format == Format::kGzip) start(MAX_WBITS + 16);
  }
  ~Inflater() override {
    if (started_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  bool ended() const override { return ended_; }

 private:
  Status decode(std::string_view bytes, std::string& out) override {
    if (started_) return inflate_all(bytes, out);
    head_ += bytes;
    if (head_.size() < 2) return {};
    start(has_zlib_head() ? MAX_WBITS : -MAX_WBITS);
    return inflate_all(head_, out);
  }

  void start(int window_bits) {
    if (inflateInit2(&stream_, window_bits) != Z_OK) throw std::bad_alloc();
    started_ = true;
  }

  // "deflate" is the zlib format, but some send raw deflate data. No encoder begins that with these two bytes: they
  // would be a stored block with padding bits that are not zero.
  bool has_zlib_head() const {
    auto first = static_cast<unsigned char>(head_[0]), second = static_cast<unsigned char>(head_[1]);
    return (first & 0x0f) == Z_DEFLATED && (first >> 4) <= 7 && (first * 256 + second) % 31 == 0;
  }

  Status inflate_all(std::string_view bytes, std::string& out) {
    // A body is far below 4 GiB, a piece of it even more so, but zlib counts in 32 bits.
    constexpr std::size_t kMostAtOnce = 1 << 30;
    for (; bytes.size() > kMostAtOnce; bytes.remove_prefix(kMostAtOnce)) {
      if (auto status = inflate_some(bytes.substr(0, kMostAtOnce), out); !status) return status;
    }
    return inflate_some(bytes, out);
  }

  Status inflate_some(std::string_view bytes, std::string& out) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    bool full = false;  // the chunk was filled, so there may be more
    while (stream_.avail_in > 0 || full) {
      if (ended_) {
        if (format_ == Format::kDeflate) return broken(name(), "bytes behind its end");
        inflateReset(&stream_);
        ended_ = false;
      }
      stream_.next_out = reinterpret_cast<Bytef*>(chunk());
      stream_.avail_out = kChunk;
      int code = inflate(&stream_, Z_SYNC_FLUSH);
      if (code == Z_MEM_ERROR) throw std::bad_alloc();
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
        return broken(name(), stream_.msg == nullptr ? "a preset dictionary is needed" : stream_.msg);
      }
      if (auto status = give(kChunk - stream_.avail_out, out); !status) return status;
      ended_ = code == Z_STREAM_END;
      full = stream_.avail_out == 0 && !ended_;
      if (code == Z_BUF_ERROR) break;  // nothing left to do without more bytes
    }
    return {};
  }

  std::string_view name() const { return format_ == Format::kGzip ? "gzip" : "deflate"; }

  Format format_;
  z_stream stream_{};
  bool started_ = false;
  bool ended_ = false;
  std::string head_;  // deflate: the first bytes, until the format is known
};

// RFC 7932.
class BrotliDecoder final : public LimitedDecoder {
 public:
  explicit BrotliDecoder(std::size_t limit)
      : LimitedDecoder(limit), state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {
    if (state_ == nullptr) throw std::bad_alloc();
  }
  ~BrotliDecoder() override { BrotliDecoderDestroyInstance(state_); }
  BrotliDecoder(const BrotliDecoder&) = delete;
  BrotliDecoder& operator=(const BrotliDecoder&) = delete;

  bool ended() const override { return BrotliDecoderIsFinished(state_) != BROTLI_FALSE; }

 private:
  Status decode(std::string_view bytes, std::string& out) override {
    auto next_in = reinterpret_cast<const std::uint8_t*>(bytes.data());
    std::size_t available_in = bytes.size();
    while (true) {
      if (ended()) {
        if (available_in > 0) return broken("br", "bytes behind its end");
        return {};
      }
      auto next_out = reinterpret_cast<std::uint8_t*>(chunk());
      std::size_t available_out = kChunk;
      auto result = BrotliDecoderDecompressStream(state_, &available_in, &next_in, &available_out, &next_out, nullptr);
      if (result == BROTLI_DECODER_RESULT_ERROR) {
        return broken("br", BrotliDecoderErrorString(BrotliDecoderGetErrorCode(state_)));
      }
      if (auto status = give(kChunk - available_out, out); !status) return status;
      if (result == BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT) return {};
    }
  }

  BrotliDecoderState* state_;
};

// RFC 8878, one frame or more.
class ZstdDecoder final : public LimitedDecoder {
 public:
  explicit ZstdDecoder(std::size_t limit) : LimitedDecoder(limit), state_(ZSTD_createDCtx()) {
    if (state_ == nullptr) throw std::bad_alloc();
    ZSTD_DCtx_setParameter(state_, ZSTD_d_windowLogMax, kZstdWindowLog);
  }
  ~ZstdDecoder() override { ZSTD_freeDCtx(state_); }
  ZstdDecoder(const ZstdDecoder&) = delete;
  ZstdDecoder& operator=(const ZstdDecoder&) = delete;

  bool ended() const override { return ended_; }

 private:
  Status decode(std::string_view bytes, std::string& out) override {
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    bool full = false;  // the chunk was filled, so there may be more
    while (in.pos < in.size || full) {
      ZSTD_outBuffer result{chunk(), kChunk, 0};
      std::size_t code = ZSTD_decompressStream(state_, &result, &in);
      if (ZSTD_isError(code) != 0) return broken("zstd", ZSTD_getErrorName(code));
      if (auto status = give(result.pos, out); !status) return status;
      ended_ = code == 0;
      full = result.pos == result.size && !ended_;
    }
    return {};
  }

  ZSTD_DCtx* state_;
  bool ended_ = false;
};

// The codings of a Content-Encoding value, without identity.
std::vector<std::string_view> codings_of(std::string_view content_encoding) {
  std::vector<std::string_view> result;
  for (auto piece : split(content_encoding, ',')) {
    if (!is_identity(piece)) result.push_back(trim(piece));
  }
  return result;
}

Result<std::string> decode_one(std::string_view coding, std::string_view bytes, std::size_t limit) {
  auto decoder = make_decoder(coding, limit);
  if (!decoder) {
    return fail(FaultKind::kInvalidRequest, "The content encoding '" + printable(coding, 40) +
                                                "' is not supported; use one of " + std::string(kCodings) + ".");
  }
  std::string out;
  if (auto status = decoder->feed(bytes, out); !status) {
    // The same bytes are a provider's fault in an answer and the client's in a request.
    if (status.error().kind == FaultKind::kProviderProtocol) status.error().kind = FaultKind::kInvalidRequest;
    return fail_from(status);
  }
  if (!decoder->ended()) {
    return fail(FaultKind::kInvalidRequest, "The body ends before its content encoding " + lower(coding) + " does.");
  }
  return out;
}

}  // namespace

bool is_identity(std::string_view coding) {
  coding = trim(coding);
  return coding.empty() || iequals(coding, "identity");
}

std::unique_ptr<Decoder> make_decoder(std::string_view coding, std::size_t limit) {
  coding = trim(coding);
  if (iequals(coding, "gzip") || iequals(coding, "x-gzip")) {
    return std::make_unique<Inflater>(Inflater::Format::kGzip, limit);
  }
  if (iequals(coding, "deflate")) return std::make_unique<Inflater>(Inflater::Format::kDeflate, limit);
  if (iequals(coding, "br")) return std::make_unique<BrotliDecoder>(limit);
  if (iequals(coding, "zstd")) return std::make_unique<ZstdDecoder>(limit);
  return nullptr;
}

Result<std::string> decode_all(std::string_view content_encoding, std::string_view bytes, std::size_t limit) {
  auto codings = codings_of(content_encoding);
  if (codings.size() > kMostCodings) {
    return fail(FaultKind::kInvalidRequest,
                "The body has more than " + std::to_string(kMostCodings) + " content encodings.");
  }
  if (codings.empty()) {
    if (bytes.size() > limit) {
      return fail(FaultKind::kTooLarge, "The body is larger than the limit of " + format_size(limit) + ".");
    }
    return std::string(bytes);
  }
  // They were applied from left to right.
  std::string body;
  for (auto coding = codings.rbegin(); coding != codings.rend(); ++coding) {
    auto decoded = decode_one(*coding, coding == codings.rbegin() ? bytes : body, limit);
    if (!decoded) return decoded;
    body = std::move(*decoded);
  }
  return body;
}

}  // namespace sluice::http
