#include "chat/learned.h"

#include "json/text.h"

namespace sluice::chat {

void Learned::show(json::Escaped text) {
  shown += json::plain_size(text.raw);
}

void Learned::show(const Piece& piece) {
  switch (piece.kind) {
    case PieceKind::kText:
    case PieceKind::kRefusal:
    case PieceKind::kReasoning:
    case PieceKind::kArguments:
      return show(piece.text);
    case PieceKind::kCall:
      return show(piece.name);
    default:
      return;
  }
}

}  // namespace sluice::chat
