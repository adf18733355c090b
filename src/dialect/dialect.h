// A wire language of models, spoken as server (to clients) and as client (to providers).
//
// Everything here is pure: bytes and canonical values (chat/) in and out; no sockets, clock or configuration. A dialect
// is one folder; dialect/dialects.def lists them. Where client and provider speak the same dialect the bytes pass
// through and only the answer is read, for what it tells (AnswerReader); else
//
//   client's body → Server::read_chat → chat::Request → Client::write_chat → provider's body
//   provider's bytes → AnswerReader → pieces → AnswerWriter → client's bytes
//
// Thread rule: dialects are immutable; a reader or writer belongs to one answer. Lifetime: dialects live for the whole
// program.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "chat/embed.h"
#include "chat/event.h"
#include "chat/ids.h"
#include "chat/learned.h"
#include "chat/request.h"
#include "chat/rerank.h"
#include "dialect/asked.h"
#include "dialect/endpoint.h"
#include "dialect/fields.h"
#include "dialect/quirks.h"
#include "dialect/rate_limits.h"
#include "http/message.h"
#include "json/fwd.h"

namespace sluice::dialect {

struct AskedTerms;

// ---- the provider's side ------------------------------------------------------------------------------------------

// Where a request goes.
struct Target {
  std::string_view provider;  // as configured: the name that seals carry
  std::string_view model;     // the provider's own name of it
  Operation operation = Operation::kChat;
  bool stream = false;
  Quirks quirks;
  std::uint64_t max_output = 0;  // the model's limit of output tokens where known
  std::string_view betas = {};   // where bytes cannot pass: what the client's anthropic-beta is for this provider
};

// A request as the provider gets it.
struct Outgoing {
  std::string body;
  http::Headers headers;  // beside content-type and credentials: anthropic-version
  std::vector<chat::Request::Lost> lost;
  chat::Renamed renamed;
};

// The changes of a body that passes through, with what its provider takes only in another spelling or not at all.
struct Respelled {
  Changes changes;
  std::vector<chat::Request::Lost> lost;
};

// Reads the answer of one attempt. Everything it learns goes into the `learned` it was made with, which outlives it.
class AnswerReader {
 public:
  virtual ~AnswerReader() = default;

  // Decodes the next bytes of a stream, cut anywhere. The events of whole frames come out, in order; their views are
  // valid until the next call. Faults: kProviderError (the stream reports an error; told, code and meaning are the
  // provider's), kProviderProtocol. Events before the faulty one are in last_events().
  virtual Result<std::span<const chat::Event>> feed(std::string_view bytes) = 0;
  virtual std::span<const chat::Event> last_events() const = 0;
  // The end of the stream was reached. Fault: kTruncated unless the dialect's terminal event came.
  virtual Result<std::span<const chat::Event>> finish() = 0;
  virtual bool complete() const = 0;  // the terminal event came

  // Reads a whole answer (with json::kPadding readable bytes behind it) as one kContent event with all its pieces,
  // valid as long as the body and the reader. Faults: kProviderProtocol when it is not JSON, kProviderError when a
  // success status holds an error. Unknown shapes teach nothing and are no fault.
  virtual Result<chat::Event> read_whole(std::string_view body) = 0;
};

struct ReadOptions {
  enum class Usage : std::uint8_t { kShow, kHide };   // kHide: usage that only we asked for is cut from `wire`
  enum class Pieces : std::uint8_t { kSkip, kMake };  // kSkip: only `wire`, kind and what is learned are wanted
  Usage usage = Usage::kShow;
  Pieces pieces = Pieces::kMake;
  std::size_t max_event_bytes = 16 << 20;
};

class Client {
 public:
  virtual ~Client() = default;
  virtual std::string_view name() const = 0;  // "openai"

  // The operations it can be asked for.
  virtual bool offers(Operation operation) const = 0;
  // Where requests go, below the provider's base URL with its version, query included.
  virtual std::string path(const Target& target) const = 0;
  // The version that is part of paths where a base URL names none: "/v1"; empty: none.
  virtual std::string_view version() const { return {}; }
  virtual FieldTable fields(Operation operation) const = 0;

  // Faults: kInvalidRequest with param: what this dialect or model cannot do and the answer would be wrong without.
  // Notes in Outgoing::lost what else it leaves out. Deterministic: the same turns give the same bytes, whatever
  // follows them. `request` has been through chat::unseal(); names and ids are made to fit here (chat/ids.h).
  virtual Result<Outgoing> write_chat(chat::Request& request, const Target& target) const;
  // Tokens of an answer: the API refuses to be asked for less, and write_chat() asks for no less.
  virtual std::uint64_t least_output() const { return 1; }
  // The service tiers with prices of their own that write_chat() asks for where another API's client names them.
  virtual std::span<const std::string_view> tiers() const { return {}; }
  // Whether the provider takes this medium by its URL (Media::Form::kUrl); where not, bytes do.
  virtual bool takes_url(const chat::Part& /*medium*/, const Target& /*target*/) const { return true; }
  virtual Result<Outgoing> write_embed(const chat::EmbedRequest& request, const Target& target) const;
  virtual Result<Outgoing> write_rerank(const chat::RerankRequest& request, const Target& target) const;

  // ---- the same dialect on both sides: bytes pass through
  virtual bool passes(const Endpoint& endpoint) const;  // whether it is one of this dialect's own
  // Whether what write_chat() asks is answered as this endpoint of its own is; where not, the answer is written anew. A
  // count of tokens that is not is asked by write_chat() where bytes could pass, too.
  virtual bool answers_as(const Endpoint& /*endpoint*/) const { return true; }
  // Whether a host of several vendors' models serves this one by this API.
  virtual bool knows(std::string_view /*model*/) const { return true; }
  // Where the request of such an endpoint goes, below the base URL with its version; without the query.
  virtual std::string native_path(const Endpoint& endpoint, const PathMatch& path, const Target& target) const;
  // The client's body with what must be changed; may add header fields, and take out what goes into the body.
  virtual OutgoingBody write_native(const Endpoint& endpoint, const Asked& asked, std::string_view body,
                                    const Changes& changes, http::Headers& headers) const;

  // Whether a provider refuses in such bodies what the API itself takes; then the changes are respelled() first.
  virtual bool respells(const Endpoint&, const Quirks&) const { return false; }
  virtual Respelled respelled(const Endpoint& endpoint, const Asked& asked, std::string_view body, Changes changes,
                              const Quirks& quirks, json::Reader& reader) const;

  // `endpoint` is the client's own when bytes pass through, else null.
  virtual std::unique_ptr<AnswerReader> read_answer(Operation operation, const Endpoint* endpoint,
                                                    const ReadOptions& options, chat::Learned& learned,
                                                    json::Reader& reader) const = 0;
  // What the head of a good answer tells, beside its body.
  virtual void read_head(const http::Headers& /*headers*/, chat::Learned& /*learned*/) const {}
  // The media type of its streams.
  virtual std::string_view stream_type() const { return "text/event-stream"; }
  virtual Result<std::uint64_t> read_count(std::string_view body, json::Reader& reader) const;
  virtual Result<chat::Embeddings> read_embeddings(std::string_view body, json::Reader& reader) const;
  virtual Result<chat::Ranking> read_ranking(std::string_view body, json::Reader& reader) const;

  // What an error status means: a Fault of kind kProviderStatus with the answer kept, the provider's own message and
  // code (secrets masked), its meaning, whether another try makes sense, and how long it asks to wait.
  virtual Fault read_error(int status, const http::Headers& headers, std::string_view body, WallTime now) const = 0;
};

// ---- the client's side --------------------------------------------------------------------------------------------

// What a writer of answers has to know of the request.
struct WriteOptions {
  const Endpoint* endpoint = nullptr;
  const chat::Request* request = nullptr;  // valid as long as the writer
  std::string_view asked_model;            // as the client named it
  std::string_view origin;                 // the provider that answers, for seals
  std::string_view exchange_id;            // ours, unique: for ids of answers where the provider gave none
  std::int64_t created = 0;                // seconds since 1970
  bool stream = false;
  std::string_view query = {};  // of the request's target
};

// Writes one answer in the client's dialect, streamed or whole.
class AnswerWriter {
 public:
  virtual ~AnswerWriter() = default;
  // Streamed: appends what the pieces are to `out`, at once. Whole: collects. `learned` is what is known so far.
  virtual void write(std::span<const chat::Piece> pieces, const chat::Learned& learned, std::string& out) = 0;
  // The answer is complete: appends the terminal events, or the whole body.
  virtual void finish(const chat::Learned& learned, std::string& out) = 0;
  // Streamed: the answer broke off; appends an error event, and never a terminal one that would say it is complete.
  virtual void fail(const Fault& fault, const chat::Learned& learned, std::string& out) = 0;
};

struct ErrorAnswer {
  int status = 500;
  std::string content_type = "application/json";
  std::string body;
  http::Headers headers;
};

struct ModelEntry {
  std::string_view name;
};

class Server {
 public:
  virtual ~Server() = default;
  virtual std::string_view name() const = 0;
  virtual std::span<const Endpoint> endpoints() const = 0;
  // Versions that may stand before its paths, the empty one included where that is allowed: {"/v1", ""}.
  virtual std::span<const std::string_view> versions() const = 0;
  // The base path for its SDKs: "/anthropic".
  virtual std::string_view sdk_base() const = 0;
  // An id of an answer that was written here and that no provider has ever seen.
  virtual bool is_made_id(std::string_view /*id*/) const { return false; }
  // The field of answers in which its SDKs look for the request's id.
  virtual std::string_view request_id_field() const { return "x-request-id"; }
  // How its SDKs spell limits.
  virtual LimitSpelling limit_spelling() const { return LimitSpelling::kOpenAi; }
  // Fields of requests that belong to the API and go to a provider of the same dialect: "anthropic-beta".
  virtual std::span<const std::string_view> request_fields() const { return {}; }
  // The terms that such fields name, beside the body.
  virtual void read_terms(const http::Headers& /*headers*/, AskedTerms& /*terms*/) const {}
  // Fields that only clients of this dialect send: they tell them apart where a path is several dialects'.
  virtual std::span<const std::string_view> telling_fields() const { return request_fields(); }
  virtual FieldTable fields(Operation operation) const = 0;

  // Bodies are proven JSON objects with json::kPadding readable bytes behind them. Faults: kInvalidRequest with param
  // ("messages[2].content[0].type") for what the API itself would refuse. The caller has set nothing but `model`
  // and `stream` where they come from the path.
  virtual Result<chat::Request> read_chat(const Endpoint& endpoint, std::string_view body, json::Reader& reader) const;
  virtual Result<chat::EmbedRequest> read_embed(const Endpoint& endpoint, std::string_view body,
                                                json::Reader& reader) const;
  virtual Result<chat::RerankRequest> read_rerank(const Endpoint& endpoint, std::string_view body,
                                                  json::Reader& reader) const;

  virtual std::unique_ptr<AnswerWriter> write_answer(const WriteOptions& options) const;
  // The media type of streams of this endpoint, and what keeps a silent one alive (may be empty: nothing can).
  virtual std::string_view stream_type(const Endpoint& endpoint) const;
  virtual std::string_view keep_alive(const Endpoint& endpoint) const;
  // Whether a stream of this endpoint may hold a comment: its API's SDKs step over such.
  virtual bool takes_comments(const Endpoint& endpoint) const;
  virtual std::string write_count(std::uint64_t tokens) const;
  virtual std::string write_embeddings(const Endpoint& endpoint, const chat::Embeddings& embeddings,
                                       const chat::EmbedRequest& request, const chat::Learned& learned) const;
  virtual std::string write_ranking(const Endpoint& endpoint, const chat::Ranking& ranking,
                                    const chat::RerankRequest& request, const chat::Learned& learned) const;
  virtual std::string write_models(std::span<const ModelEntry> models) const;
  virtual std::string write_model(const ModelEntry& model) const;

  // Whether errors of this client dialect are written as this server writes them.
  virtual bool shares_errors_of(std::string_view client) const { return client == name(); }
  // An error answer; `status` is what exchange/fault_status.h says, which a dialect may spell its own way (529).
  virtual ErrorAnswer write_error(const Fault& fault, int status) const = 0;
  // The same inside a stream that another writer has not begun: bytes were passed through.
  virtual std::string write_stream_error(const Endpoint& endpoint, const Fault& fault,
                                         const chat::Learned& learned) const = 0;
};

}  // namespace sluice::dialect
