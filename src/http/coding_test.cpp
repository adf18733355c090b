#include "http/coding.h"

#include <brotli/encode.h>
#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <functional>

namespace sluice::http::coding_test {
namespace {

constexpr std::size_t kRoomy = 64 << 20;

// One encoder for all zlib formats; keeps what each write gave, flushed.
std::string deflated(std::string_view text, int window_bits) {
  z_stream stream{};
  deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}
std::string gzip(std::string_view text) {
  return deflated(text, MAX_WBITS + 16);
}
std::string zlib(std::string_view text) {
  return deflated(text, MAX_WBITS);
}
std::string raw(std::string_view text) {
  return deflated(text, -MAX_WBITS);
}
std::string brotli(std::string_view text) {
  std::size_t size = BrotliEncoderMaxCompressedSize(text.size()) + 64;
  std::string out(size, '\0');
  EXPECT_TRUE(BrotliEncoderCompress(5, BROTLI_DEFAULT_WINDOW, BROTLI_DEFAULT_MODE, text.size(),
                                    reinterpret_cast<const std::uint8_t*>(text.data()), &size,
                                    reinterpret_cast<std::uint8_t*>(out.data())));
  out.resize(size);
  return out;
}
std::string zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

struct Case {
  std::string name;
  std::string coding;
  std::function<std::string(std::string_view)> encode;
};
std::ostream& operator<<(std::ostream& out, const Case& coding) {
  return out << coding.name;
}

class Coding : public testing::TestWithParam<Case> {};

INSTANTIATE_TEST_SUITE_P(All, Coding,
                         testing::Values(Case{"gzip", "gzip", gzip}, Case{"deflate", "deflate", zlib},
                                         Case{"raw_deflate", "deflate", raw}, Case{"br", "br", brotli},
                                         Case{"zstd", "zstd", zstd}),
                         [](const auto& info) { return info.param.name; });

std::string sample(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; text.size() < size; ++i) text += "{\"n\":" + std::to_string(i * 7919 % 10007) + "}\n";
  text.resize(size);
  return text;
}

TEST_P(Coding, AWholeBodyComesBack) {
  for (std::size_t size : {0u, 1u, 100u, 32'768u, 1'000'000u}) {
    auto text = sample(size);
    auto decoded = decode_all(GetParam().coding, GetParam().encode(text), kRoomy);
    ASSERT_TRUE(decoded) << decoded.error().detail;
    EXPECT_EQ(*decoded, text);
  }
}

TEST_P(Coding, ByteByByteItIsTheSame) {
  auto text = sample(5000);
  auto decoder = make_decoder(GetParam().coding, kRoomy);
  std::string out;
  for (char byte : GetParam().encode(text)) {
    EXPECT_FALSE(decoder->ended());
    ASSERT_TRUE(decoder->feed({&byte, 1}, out));
  }
  EXPECT_TRUE(decoder->ended());
  EXPECT_EQ(out, text);
}

TEST_P(Coding, NothingBeyondTheLimitIsProduced) {
  std::string zeros(100 << 20, '\0');
  auto bomb = GetParam().encode(zeros);
  zeros = {};
  auto decoder = make_decoder(GetParam().coding, 1'000'000);
  std::string out;
  auto status = decoder->feed(bomb, out);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, FaultKind::kTooLarge);
  EXPECT_LE(out.size(), 1'000'000u);
  EXPECT_LE(out.capacity(), 2'100'000u);
  EXPECT_FALSE(decoder->feed("x", out));  // a failure is final
}

TEST_P(Coding, ExactlyTheLimitPasses) {
  auto text = sample(70'000);
  EXPECT_TRUE(decode_all(GetParam().coding, GetParam().encode(text), 70'000));
  auto decoded = decode_all(GetParam().coding, GetParam().encode(text), 69'999);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().kind, FaultKind::kTooLarge);
  EXPECT_EQ(decode_all(GetParam().coding, GetParam().encode(text), 1024).error().told,
            "The decompressed body is larger than the limit of 1KiB.");
}

TEST_P(Coding, ACutBodyIsTold) {
  auto bytes = GetParam().encode(sample(5000));
  for (std::size_t size = 0; size < bytes.size(); size += 1 + size / 7) {
    auto decoded = decode_all(GetParam().coding, std::string_view(bytes).substr(0, size), kRoomy);
    ASSERT_FALSE(decoded) << size;
    EXPECT_EQ(decoded.error().kind, FaultKind::kInvalidRequest);
  }
}

TEST_P(Coding, BytesBehindTheEndAreRefused) {
  auto bytes = GetParam().encode(sample(5000));
  auto decoded = decode_all(GetParam().coding, bytes + "garbage", kRoomy);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().kind, FaultKind::kInvalidRequest);

  auto decoder = make_decoder(GetParam().coding, kRoomy);
  std::string out;
  ASSERT_TRUE(decoder->feed(bytes, out));
  auto status = decoder->feed("garbage", out);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, FaultKind::kProviderProtocol);
}

TEST_P(Coding, BrokenBytesAreRefused) {
  auto decoded = decode_all(GetParam().coding, "\xff\xff this was never encoded", kRoomy);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().kind, FaultKind::kInvalidRequest);
}

TEST(CodingGzip, ABrokenChecksumIsRefused) {
  auto bytes = gzip(sample(5000));
  bytes[bytes.size() - 6] ^= 1;
  EXPECT_FALSE(decode_all("gzip", bytes, kRoomy));
}

TEST(CodingGzip, SeveralMembersAreOneBody) {
  auto bytes = gzip("one ") + gzip("") + gzip("two");
  EXPECT_EQ(decode_all("gzip", bytes, kRoomy).value(), "one two");
  EXPECT_FALSE(decode_all("gzip", bytes.substr(0, bytes.size() - 1), kRoomy));
  EXPECT_FALSE(decode_all("gzip", gzip("a") + "\x1f", kRoomy));
  EXPECT_FALSE(decode_all("gzip", gzip("12345") + gzip("67890"), 9));  // the limit is for all of them
}

TEST(CodingZstd, SeveralFramesAreOneBody) {
  EXPECT_EQ(decode_all("zstd", zstd("one ") + zstd("two"), kRoomy).value(), "one two");
}

TEST(CodingZstd, AWindowThatTakesTooMuchMemoryIsRefused) {
  // A frame header that asks for a window of 128 MiB, then one raw block of one byte.
  std::string frame("\x28\xb5\x2f\xfd\x00\x88\x09\x00\x00x", 10);
  EXPECT_FALSE(decode_all("zstd", frame, kRoomy));
  frame[5] = '\x68';  // 8 MiB
  EXPECT_EQ(decode_all("zstd", frame, kRoomy).value(), "x");
}

TEST(CodingStream, EachFlushedGzipEventComesAtOnce) {
  z_stream encoder{};
  ASSERT_EQ(deflateInit2(&encoder, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  auto decoder = make_decoder("gzip", kRoomy);
  for (int i = 0; i < 20; ++i) {
    std::string event = "data: " + std::to_string(i) + "\n\n", coded(1000, '\0'), out;
    encoder.next_in = reinterpret_cast<Bytef*>(event.data());
    encoder.avail_in = static_cast<uInt>(event.size());
    encoder.next_out = reinterpret_cast<Bytef*>(coded.data());
    encoder.avail_out = static_cast<uInt>(coded.size());
    ASSERT_EQ(deflate(&encoder, Z_SYNC_FLUSH), Z_OK);
    coded.resize(coded.size() - encoder.avail_out);
    ASSERT_TRUE(decoder->feed(coded, out));
    EXPECT_EQ(out, event);
  }
  deflateEnd(&encoder);
}

TEST(CodingStream, EachFlushedBrotliEventComesAtOnce) {
  auto* encoder = BrotliEncoderCreateInstance(nullptr, nullptr, nullptr);
  auto decoder = make_decoder("br", kRoomy);
  for (int i = 0; i < 20; ++i) {
    std::string event = "data: " + std::to_string(i) + "\n\n", coded(1000, '\0'), out;
    std::size_t in_size = event.size(), out_size = coded.size();
    auto in = reinterpret_cast<const std::uint8_t*>(event.data());
    auto to = reinterpret_cast<std::uint8_t*>(coded.data());
    ASSERT_TRUE(BrotliEncoderCompressStream(encoder, BROTLI_OPERATION_FLUSH, &in_size, &in, &out_size, &to, nullptr));
    coded.resize(coded.size() - out_size);
    ASSERT_TRUE(decoder->feed(coded, out));
    EXPECT_EQ(out, event);
  }
  BrotliEncoderDestroyInstance(encoder);
}

TEST(CodingStream, EachFlushedZstdEventComesAtOnce) {
  auto* encoder = ZSTD_createCCtx();
  auto decoder = make_decoder("zstd", kRoomy);
  for (int i = 0; i < 20; ++i) {
    std::string event = "data: " + std::to_string(i) + "\n\n", coded(1000, '\0'), out;
    ZSTD_inBuffer in{event.data(), event.size(), 0};
    ZSTD_outBuffer to{coded.data(), coded.size(), 0};
    ASSERT_EQ(ZSTD_compressStream2(encoder, &to, &in, ZSTD_e_flush), 0u);
    coded.resize(to.pos);
    ASSERT_TRUE(decoder->feed(coded, out));
    EXPECT_EQ(out, event);
  }
  ZSTD_freeCCtx(encoder);
}

TEST(CodingNames, AreKnownWithoutCase) {
  for (auto name : {"gzip", "GZip", "x-gzip", "deflate", "BR", " zstd "}) EXPECT_TRUE(make_decoder(name, 1)) << name;
  for (auto name : {"", "identity", "compress", "gzip, br", "gzip2"}) EXPECT_FALSE(make_decoder(name, 1)) << name;
  for (auto name : {"", " ", "identity", "Identity "}) EXPECT_TRUE(is_identity(name)) << name;
  EXPECT_FALSE(is_identity("gzip"));
}

TEST(CodingNames, SeveralAreUndoneFromTheLast) {
  EXPECT_EQ(decode_all("gzip, br", brotli(gzip("text")), kRoomy).value(), "text");
  EXPECT_EQ(decode_all("identity, zstd ,,deflate", zlib(zstd("text")), kRoomy).value(), "text");
  EXPECT_FALSE(decode_all("gzip, br", gzip(brotli("text")), kRoomy));
}

TEST(CodingNames, AnUnknownOneIsToldWithTheKnown) {
  auto decoded = decode_all("lzma", "x", kRoomy);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().kind, FaultKind::kInvalidRequest);
  EXPECT_EQ(decoded.error().told, "The content encoding 'lzma' is not supported; use one of gzip, deflate, br, zstd.");
}

TEST(CodingNames, TooManyAreRefused) {
  auto decoded = decode_all("gzip,gzip,gzip,gzip,gzip", "x", kRoomy);
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().kind, FaultKind::kInvalidRequest);
}

TEST(CodingNames, WithoutAnyTheBodyStaysWithinTheLimit) {
  EXPECT_EQ(decode_all("identity", "text", 4).value(), "text");
  EXPECT_EQ(decode_all("", "text!", 4).error().kind, FaultKind::kTooLarge);
}

}  // namespace
}  // namespace sluice::http::coding_test
