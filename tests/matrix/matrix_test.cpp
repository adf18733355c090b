// Every recorded request written in every other dialect, and every recorded answer and error written for every client:
// golden files, which `make golden` writes anew and a human reads the difference of.
#include <gtest/gtest.h>

#include <cstdlib>

#include "chat/seal.h"
#include "checkout.h"
#include "dialects.h"
#include "exchange/fault_status.h"
#include "json/reader.h"

namespace sluice::matrix::matrix_test {
namespace {

using dialect::Client;
using dialect::Server;

// Bytes that are no text, as \xNN; line ends stay.
std::string visible(std::string_view bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte == '\r') {
      out += "\\r";
    } else if ((byte < 0x20 && byte != '\n') || byte == 0x7f) {
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out;
}

// Bytes of a binary framing may be no UTF-8: then all but ASCII is shown in hexadecimal.
std::string shown(std::string_view bytes, std::string_view type) {
  if (type != "application/vnd.amazon.eventstream") return visible(bytes);
  std::string out;
  for (char c : visible(bytes)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      out += c;
    } else {
      constexpr std::string_view kHex = "0123456789abcdef";
      out += "\\x";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    }
  }
  return out;
}

void append_headers(std::string& out, const http::Headers& headers) {
  for (const auto& [name, value] : headers) out += std::string(name) + ": " + std::string(value) + "\n";
}

void append_fault(std::string& out, const Fault& fault) {
  out += "refused: " + fault.told + " [param " + fault.param + ", code " + fault.code + "]\n";
}

std::string write_request(const Case& test, const dialect::Found& found, const Client& client) {
  std::string out = "== request for " + std::string(client.name()) + "\n";
  json::Reader reader;
  std::string body = test.request;
  json::pad(body);
  auto request = found.server->read_chat(*found.endpoint, body, reader);
  if (!request) {
    append_fault(out, request.error());
    return out;
  }
  request->model = "asked";
  request->stream = is_stream(test);
  const bool same = client.passes(*found.endpoint);
  chat::unseal(*request, "provider", same ? chat::StateOf::kClientDialect : chat::StateOf::kOtherDialect);
  const dialect::Target target{.provider = "provider",
                               .model = "upstream-model",
                               .operation = found.endpoint->operation,
                               .stream = is_stream(test),
                               .quirks = {}};
  auto written = client.write_chat(*request, target);
  if (!written) {
    append_fault(out, written.error());
    return out;
  }
  append_headers(out, written->headers);
  for (const auto& lost : written->lost) {
    if (lost.unplaced == chat::Unplaced::kDropped) out += "dropped: " + lost.path + "\n";
  }
  json::pad(written->body);
  auto cursor = reader.scan(written->body);
  EXPECT_TRUE(cursor.has_value()) << test.folder << "/" << test.id << " → " << client.name() << ": " << written->body;
  if (cursor) {
    cursor->skip();
    EXPECT_TRUE(cursor->finish()) << test.folder << "/" << test.id << " → " << client.name();
  }
  return out + client.path(target) + "\n" + written->body + "\n";
}

// The pieces of an answer, in the client's dialect.
std::string write_answer(const Case& test, const Client& client, const Server& server, bool stream) {
  const auto* endpoint = chat_endpoint(server, stream);
  std::string out = "== answer for " + std::string(server.name()) + (stream ? ", streamed\n" : "\n");
  json::Reader reader;
  chat::Learned learned;
  chat::Request request;
  request.model = "asked";
  auto answer = client.read_answer(dialect::Operation::kChat, nullptr, {}, learned, reader);
  auto writer = server.write_answer({.endpoint = endpoint,
                                     .request = &request,
                                     .asked_model = "asked",
                                     .origin = "provider",
                                     .exchange_id = "req_0123456789abcdef",
                                     .created = 1'700'000'000,
                                     .stream = stream,
                                     .query = "alt=sse"});
  std::string written;
  auto write = [&](std::span<const chat::Event> events) {
    for (const auto& event : events) writer->write(event.pieces, learned, written);
  };
  Status status;
  std::string body = test.body;
  json::pad(body);
  if (is_stream(test)) {
    auto fed = answer->feed(body);
    write(answer->last_events());
    if (fed) {
      fed = answer->finish();
      write(answer->last_events());
    }
    if (!fed) status = fail_from(fed);
  } else {
    auto whole = answer->read_whole(body);
    if (whole) {
      write({&*whole, 1});
    } else {
      status = fail_from(whole);
    }
  }
  if (status) {
    writer->finish(learned, written);
  } else if (stream) {
    writer->fail(status.error(), learned, written);
  } else {
    append_fault(out, status.error());
  }
  return out + shown(written, server.stream_type(*endpoint)) + "\n";
}

std::string write_error(const Case& test, const Client& client, const Server& server) {
  const auto fault = client.read_error(test.status, test.headers, test.body, WallTime());
  auto answer = server.write_error(fault, http_status(fault));
  std::string out = "== error for " + std::string(server.name()) + "\n" + std::to_string(answer.status) + "\n";
  append_headers(out, answer.headers);
  return out + visible(answer.body) + "\n";
}

std::string translate(const Case& test) {
  std::string out;
  const auto* client = client_of(test);
  if (!test.request.empty() && test.status == 200) {
    if (const auto found = endpoint_of(test);
        found.endpoint && found.endpoint->operation == dialect::Operation::kChat) {
      for (const auto* other : clients()) {
        if (other->offers(dialect::Operation::kChat)) out += write_request(test, found, *other);
      }
    }
  }
  const bool is_chat = test.path.find("count") == std::string::npos && test.path.find("mbed") == std::string::npos;
  if (test.status == 0 || client == nullptr || !is_chat) return out;
  for (const auto* server : dialect::servers()) {
    if (test.status >= 400) {
      out += write_error(test, *client, *server);
      continue;
    }
    for (const bool stream : {false, true}) {
      if (chat_endpoint(*server, stream)) out += write_answer(test, *client, *server, stream);
    }
  }
  return out;
}

TEST(Matrix, EveryCaseInEveryDialectIsAsItWasReviewed) {
  const std::filesystem::path folder = in_checkout("tests/matrix/golden");
  const bool writes = std::getenv("SLUICE_WRITE_GOLDEN") != nullptr;
  for (const auto& test : cases()) {
    const auto file = folder / (test->folder + "." + test->id + ".txt");
    const std::string translated = translate(*test);
    if (translated.empty()) continue;
    EXPECT_EQ(translated, translate(*test)) << "translation is deterministic";
    if (writes) {
      std::filesystem::create_directories(folder);
      std::ofstream(file, std::ios::binary) << translated;
    } else {
      EXPECT_EQ(translated, read_file(file)) << file << "; if it is right: make golden";
    }
  }
}

}  // namespace
}  // namespace sluice::matrix::matrix_test
