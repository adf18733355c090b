#include "ingress/place.h"

#include <gtest/gtest.h>

namespace sluice::ingress::place_test {
namespace {

// What a method and target lead to, in one line.
std::string place_of(std::string_view method, std::string_view target) {
  auto place = find_place(method, target);
  if (!place)
    return std::string(name(place.error().kind)) + (place.error().code.empty() ? "" : " " + place.error().code);
  switch (place->kind) {
    case PlaceKind::kHealth:
      return "health";
    case PlaceKind::kReady:
      return "ready";
    case PlaceKind::kMetrics:
      return "metrics";
    case PlaceKind::kAdmin:
      return "admin";
    case PlaceKind::kModels:
      return "models";
    case PlaceKind::kModel:
      return "model " + place->model;
    case PlaceKind::kCall:
      return "call " + std::string(place->operation);
    case PlaceKind::kPassthrough:
      return "passthrough " + place->provider + " " + place->rest;
  }
  return "?";
}

// Who tells the errors of a request with this field.
std::string_view told_by(std::string_view method, std::string_view target, std::string_view field = "accept") {
  return server_of({std::string(method), std::string(target), {{field, "x"}}}).name();
}

struct Case {
  std::string_view method, target, expected;
};

TEST(FindPlace, Table) {
  const Case cases[] = {
      {"GET", "/healthz", "health"},
      {"HEAD", "/healthz", "health"},
      {"GET", "/healthz?verbose=1", "health"},
      {"GET", "/readyz", "ready"},
      {"GET", "/metrics", "metrics"},
      {"POST", "/metrics", "method_not_allowed GET"},
      {"GET", "/admin/v1/deployments", "admin"},
      {"PUT", "/admin/v1/deployments/openai%2Fgpt-4o/hold", "admin"},
      {"BREW", "/admin/v1", "admin"},
      {"GET", "/admin/v1/../metrics", "admin"},
      {"GET", "/admin/v10/x", "passthrough admin /v10/x"},
      {"GET", "/v1/models", "models"},
      {"GET", "/models", "models"},
      {"GET", "/v1/models/fast", "model fast"},
      {"GET", "/v1/models/openai/gpt-4o", "model openai/gpt-4o"},
      {"GET", "/v1/models/openai%2Fgpt-4o", "model openai/gpt-4o"},
      {"GET", "/v1/models/llama3:8b", "model llama3:8b"},
      {"GET", "/v1/models/a/ft:gpt-4o:org::id", "model a/ft:gpt-4o:org::id"},
      {"GET", "/v1beta/models/llama3:8b", "model llama3:8b"},
      {"GET", "/v1beta/models/m:generateContent", "method_not_allowed POST"},
      {"GET", "/v1/models/a%", "invalid_request"},
      {"DELETE", "/v1/models/fast", "method_not_allowed GET"},
      {"POST", "/v1/chat/completions", "call chat"},
      {"POST", "/chat/completions", "call chat"},
      {"POST", "/v1/chat/completions?timeout=5", "call chat"},
      {"GET", "/v1/chat/completions", "method_not_allowed POST"},
      {"HEAD", "/v1/chat/completions", "method_not_allowed POST"},
      {"post", "/v1/chat/completions", "method_not_allowed POST"},
      {"POST", "/v1/completions", "call completions"},
      {"POST", "/v1/embeddings", "call embeddings"},
      {"POST", "/v1/moderations", "call moderations"},
      {"POST", "/v1/images/generations", "call image_generations"},
      {"POST", "/v1/images/edits", "call image_edits"},
      {"POST", "/v1/images/variations", "call image_variations"},
      {"POST", "/v1/audio/speech", "call speech"},
      {"POST", "/v1/audio/transcriptions", "call transcriptions"},
      {"POST", "/v1/audio/translations", "call translations"},
      {"GET", "/openai/v1/files?limit=2", "passthrough openai /v1/files?limit=2"},
      {"DELETE", "/openai/v1/files/file-1", "passthrough openai /v1/files/file-1"},
      {"POST", "/openai", "passthrough openai /"},
      {"POST", "/openai/", "passthrough openai /"},
      {"GET", "/", "passthrough  /"},
      {"PATCH", "/openai/v1/files/file-1", "passthrough openai /v1/files/file-1"},
  };
  for (const auto& one : cases)
    EXPECT_EQ(place_of(one.method, one.target), one.expected) << one.method << " " << one.target;
}

// A server that honours TRACE shows the provider's key to the caller.
TEST(FindPlace, MethodsThatNoApiIsAskedByGoNoFurther) {
  for (std::string_view method : {"TRACE", "CONNECT", "BREW", "PROPFIND", "get", "trace", "GETT", ""}) {
    const std::string passed = "method_not_allowed GET, HEAD, POST, PUT, PATCH, DELETE";
    EXPECT_EQ(place_of(method, "/openai/v1/files"), passed) << method;
    EXPECT_EQ(place_of(method, "/"), passed) << method;
    EXPECT_EQ(place_of(method, "/v1/chat/completions"), "method_not_allowed POST") << method;
    EXPECT_EQ(place_of(method, "/v1beta/models/m:generateContent"), "method_not_allowed POST") << method;
    EXPECT_EQ(place_of(method, "/v1/models"), "method_not_allowed GET") << method;
    EXPECT_EQ(place_of(method, "/healthz"), "method_not_allowed GET") << method;
  }
  EXPECT_EQ(place_of("CONNECT", "127.0.0.1:80"), "method_not_allowed GET, HEAD, POST, PUT, PATCH, DELETE");
}

TEST(FindPlace, HostilePathsAreRefusedOrLeadNowhere) {
  for (std::string_view target : {"",
                                  "*",
                                  "healthz",
                                  "http://evil.example/v1/models",
                                  "/a b",
                                  "/a\tb",
                                  "/\x7f",
                                  "/caf\xc3\xa9",
                                  "/openai/../admin",
                                  "/openai/v1/./files",
                                  "/openai/%2e%2e/x",
                                  "/openai/%2E%2e/x",
                                  "/openai/.%2e",
                                  "/openai/a%2fb",
                                  "/openai/a%5Cb",
                                  "/openai/a%00b",
                                  "/openai/%zz",
                                  "/openai/%",
                                  "/openai/..",
                                  "/openai/."}) {
    EXPECT_EQ(place_of("GET", target), "invalid_request") << target;
  }
}

TEST(FindPlace, NothingButTheListedPathsIsOpen) {
  for (std::string_view target : {"/healthz/", "//healthz", "/Healthz", "/healthz/../v1/models", "/healthz%2f",
                                  "/healthz;a", "/healthz%3f", "/./healthz", "/readyz/x"}) {
    auto place = find_place("GET", target);
    if (place) {
      EXPECT_TRUE(place->kind != PlaceKind::kHealth && place->kind != PlaceKind::kReady) << target;
    }
  }
}

TEST(FindPlace, ErrorsOfThePagesOfTheAdministratorAreOurOwn) {
  EXPECT_EQ(told_by("GET", "/admin/v1/x", "anthropic-version"), "sluice");
  EXPECT_EQ(told_by("GET", "/administrator"), "openai");
}

TEST(FindPlace, ErrorsOfPathsThatAreNotThereAreOfTheDialectTheyBeginAs) {
  for (std::string_view path : {"/v1/messages/batches", "/v1/messages/", "/anthropic/v1/x",
                                "/v1/projects/p/locations/l/publishers/anthropic/models/m:other"}) {
    EXPECT_EQ(told_by("POST", path), "anthropic") << path;
  }
  for (std::string_view path : {"/model/one/foo", "/model/one/converse/", "/model/", "/bedrock/x"}) {
    EXPECT_EQ(told_by("POST", path, "anthropic-version"), "bedrock") << path;
  }
  EXPECT_EQ(told_by("POST", "/v1/models/m:nothing"), "gemini");
  EXPECT_EQ(told_by("GET", "/v1beta/files"), "gemini");
  EXPECT_EQ(told_by("POST", "/v1/chat/completions/x", "anthropic-version"), "openai");
  EXPECT_EQ(told_by("POST", "/openai/v1/x", "anthropic-version"), "openai");
}

TEST(FindPlace, ErrorsOfPathsOfSeveralDialectsAreOfTheOneWhoseFieldsTheClientSends) {
  for (std::string_view path : {"/v1/models", "/v1/models/m", "/v1/files", "/mine/v1/x", "/"}) {
    EXPECT_EQ(told_by("POST", path), "openai") << path;
    EXPECT_EQ(told_by("POST", path, "anthropic-version"), "anthropic") << path;
    EXPECT_EQ(told_by("POST", path, "x-goog-api-key"), "gemini") << path;
  }
  EXPECT_EQ(told_by("POST", "/v1beta/models"), "gemini");
  EXPECT_EQ(told_by("GET", "/v1beta/models/a%"), "gemini");
  EXPECT_EQ(told_by("GET", "/v1/models/a%"), "openai");
}

TEST(FindPlace, LongTargetsAreNoBurden) {
  std::string target = "/openai";
  for (int i = 0; i < 20'000; ++i) target += "/a";
  EXPECT_EQ(place_of("GET", target), "passthrough openai " + target.substr(7));
}

}  // namespace
}  // namespace sluice::ingress::place_test
