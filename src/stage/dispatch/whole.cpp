#include "stage/dispatch/whole.h"

namespace sluice::stage {

Status WholeAnswer::read(Exchange& x, Try& t, json::Reader& reader) {
  if (t.translation && x.endpoint->operation != dialect::Operation::kChat) return read_other(x, t, reader);
  answer = client.read_answer(x.endpoint->operation, t.translation ? nullptr : x.endpoint, options, t.learned, reader);
  auto only = answer->read_whole(body);
  if (!only) return fail_from(only);
  event = *only;
  return {};
}

// Counts, vectors and rankings are small tables: read and written as one value.
Status WholeAnswer::read_other(Exchange& x, Try& t, json::Reader& reader) {
  switch (x.endpoint->operation) {
    case dialect::Operation::kCountTokens: {
      auto count = client.read_count(body, reader);
      if (!count) return fail_from(count);
      written = x.server->write_count(*count);
      break;
    }
    case dialect::Operation::kEmbed: {
      auto embeddings = client.read_embeddings(body, reader);
      if (!embeddings) return fail_from(embeddings);
      t.learned.usage = embeddings->usage;
      t.learned.model = embeddings->model;
      written = x.server->write_embeddings(*x.endpoint, *embeddings, t.translation->embed, t.learned);
      break;
    }
    default: {
      auto ranking = client.read_ranking(body, reader);
      if (!ranking) return fail_from(ranking);
      t.learned.usage = ranking->usage;
      written = x.server->write_ranking(*x.endpoint, *ranking, t.translation->rerank, t.learned);
      break;
    }
  }
  event = {chat::EventKind::kContent, written, {}};
  return {};
}

}  // namespace sluice::stage
