#include "api/cli/receipt_text.h"

#include <fmt/format.h>
#include <algorithm>
#include <optional>
#include <utility>

#include "api/books/phrase.h"
#include "api/cli/format.h"
#include "api/cli/json.h"
#include "engine/check.h"
#include "storage/transparency/base64.h"

namespace lumbung::cli {
namespace {

constexpr int kFormat = 1;
constexpr size_t kSlipColumns = 32;
constexpr size_t kMostBytes = size_t{1} << 20;

absl::Status Bad(std::string_view why) {
  return absl::InvalidArgumentError("not a receipt: " + std::string(why));
}

LeafContent ContentOf(const ReceiptEntry& entry) {
  absl::StatusOr<LeafContent> content = ReadLeaf(entry.leaf);
  LUMBUNG_CHECK(content.ok());
  return *std::move(content);
}

std::string Base64Of(const MerkleHash& hash) {
  return EncodeBase64(std::as_bytes(std::span(hash)));
}

Json EntryToJson(const ReceiptEntry& entry) {
  const LeafContent content = ContentOf(entry);
  Json json;
  json["sequence"] = entry.sequence;
  json["id"] = content.entry.id.ToString();
  json["time"] = FormatTimeUtc(content.entry.timestamp);
  json["debit"] = content.entry.debit_account.ToString();
  json["credit"] = content.entry.credit_account.ToString();
  json["amount"] = content.entry.amount.value();
  json["outcome"] = static_cast<uint16_t>(content.entry.outcome);
  json["text"] = content.text;
  json["leaf"] = EncodeBase64(entry.leaf);
  Json proof = Json::array();
  for (const MerkleHash& hash : entry.proof) proof.push_back(Base64Of(hash));
  json["proof"] = std::move(proof);
  return json;
}

std::optional<MerkleHash> HashOf(const Json& json) {
  if (!json.is_string()) return std::nullopt;
  const auto bytes = DecodeBase64(json.get_ref<const std::string&>());
  if (!bytes || bytes->size() != sizeof(MerkleHash)) return std::nullopt;
  MerkleHash hash;
  std::ranges::transform(*bytes, hash.begin(),
                         [](std::byte byte) { return std::to_integer<uint8_t>(byte); });
  return hash;
}

// What the members beside the leaf say is compared when the whole is written again.
absl::StatusOr<ReceiptEntry> EntryFromJson(const Json& json) {
  if (!json.is_object() || !json.contains("sequence") || !json.contains("leaf") ||
      !json.contains("proof") || !json["sequence"].is_number_unsigned() ||
      !json["leaf"].is_string() || !json["proof"].is_array()) {
    return Bad("an entry lacks its sequence, leaf or proof");
  }
  ReceiptEntry entry{.sequence = json["sequence"].get<uint64_t>()};
  auto leaf = DecodeBase64(json["leaf"].get_ref<const std::string&>());
  if (!leaf) return Bad("a leaf is not base64");
  entry.leaf = std::move(*leaf);
  if (const auto content = ReadLeaf(entry.leaf); !content.ok()) return content.status();
  for (const Json& text : json["proof"]) {
    const auto hash = HashOf(text);
    if (!hash) return Bad("a proof has something else than hashes in base64");
    entry.proof.push_back(*hash);
  }
  return entry;
}

std::string Centred(std::string_view text) {
  const size_t room = kSlipColumns - std::min(text.size(), kSlipColumns);
  return std::string(room / 2, ' ') + std::string(text) + "\n";
}

// The name at the left, the value at the right; below it if both don't fit on a line.
std::string SlipLine(std::string_view name, std::string_view value) {
  const size_t used = name.size() + value.size();
  if (used + 1 > kSlipColumns) {
    const size_t room = kSlipColumns - std::min(value.size(), kSlipColumns);
    return std::string(name) + "\n" + std::string(room, ' ') + std::string(value) + "\n";
  }
  return std::string(name) + std::string(kSlipColumns - used, ' ') + std::string(value) + "\n";
}

// In lines of the slip's width that all begin with `begin`, so that no text looks like a line of
// the slip's own. Broken between words where they are short enough; a run of blanks counts as one.
std::string Folded(std::string_view begin, std::string_view text) {
  const size_t room = kSlipColumns - begin.size();
  std::string lines;
  std::string line;
  const auto end_line = [&] {
    if (!line.empty()) lines += std::string(begin) + line + "\n";
    line.clear();
  };
  while (!text.empty()) {
    std::string_view word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(word.size() + 1, text.size()));
    if (line.size() + 1 + word.size() > room) end_line();
    for (; word.size() > room; word.remove_prefix(room)) {
      line = word.substr(0, room);
      end_line();
    }
    if (!line.empty() && !word.empty()) line += ' ';
    line += word;
  }
  end_line();
  return lines;
}

// What became of it. Who holds a slip that says BERHASIL was paid or has paid; a hold and its end
// are accepted too, but move nothing.
std::string_view HeadlineOf(const Entry& entry) {
  if (entry.outcome != Outcome::kAccepted) return "DITOLAK / DECLINED";
  const Step step = entry.kind.step();
  if (lumbung::MovesMoney(step)) return "BERHASIL / ACCEPTED";
  if (step == Step::kHold) return "DANA DITAHAN / HELD";
  if (step == Step::kVoid || step == Step::kExpire) return "DILEPAS / RELEASED";
  return "DICATAT / RECORDED";
}

// A fence, a fact and some declines have no accounts, or no amount.
std::string LegOf(const Entry& entry) {
  const AccountCode none{};
  std::string lines;
  if (entry.debit_account.code() != none) {
    lines += SlipLine("Dari", entry.debit_account.ToString());
  }
  if (entry.credit_account.code() != none) lines += SlipLine("Ke", entry.credit_account.ToString());
  if (entry.amount.value() != 0) lines += SlipLine("Jumlah", FormatMoney(entry.amount));
  return lines;
}

// Printers of receipts know ASCII and little else.
std::string Ascii(std::string_view text) {
  std::string ascii;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= ' ' && byte < 0x7F) {
      ascii += c;
    } else if (byte < 0x80 || byte >= 0xC0) {
      ascii += '?';  // one for each character, not for each byte
    }
  }
  return ascii;
}

}  // namespace

std::string ReceiptToJson(const Receipt& receipt) {
  Json json;
  json["lumbung_receipt"] = kFormat;
  json["entries"] = Json::array();
  for (const ReceiptEntry& entry : receipt.entries) json["entries"].push_back(EntryToJson(entry));
  json["checkpoint"] = receipt.checkpoint;
  return ToLine(json);
}

absl::StatusOr<Receipt> ReceiptFromJson(std::string_view text) {
  if (text.ends_with('\n')) text.remove_suffix(1);
  if (text.size() > kMostBytes) return Bad("it is longer than 1 MiB");
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("entries") || !json["entries"].is_array() ||
      !json.contains("checkpoint") || !json["checkpoint"].is_string()) {
    return Bad("it is no JSON with entries and a checkpoint");
  }
  Receipt receipt{.checkpoint = json["checkpoint"].get<std::string>()};
  for (const Json& element : json["entries"]) {
    absl::StatusOr<ReceiptEntry> entry = EntryFromJson(element);
    if (!entry.ok()) return entry.status();
    receipt.entries.push_back(*std::move(entry));
  }
  if (ReceiptToJson(receipt) != text) {
    return Bad("it is not written as receipts are, or says something else than its leaves");
  }
  return receipt;
}

std::string ReceiptSlip(const Receipt& receipt, int16_t zone_minutes) {
  const LeafContent first = ContentOf(receipt.entries.front());
  const std::string line(kSlipColumns, '-');
  std::string slip = Centred("LUMBUNG") + Centred("Bukti transaksi") + line + "\n";
  slip += Centred(FormatTime(first.entry.timestamp, zone_minutes));
  slip += Centred(HeadlineOf(first.entry));
  if (first.entry.outcome != Outcome::kAccepted) slip += Centred(Name(first.entry.outcome));
  slip += line + "\n";
  slip += Folded("", Ascii(books::KindWords(first.entry.kind, books::Language::kIndonesian)));
  for (const ReceiptEntry& entry : receipt.entries) slip += LegOf(ContentOf(entry).entry);
  slip += line + "\n";
  slip += Folded("Ket: ", Ascii(first.text));
  if (first.entry.reference != 0) slip += SlipLine("Ref", fmt::format("{}", first.entry.reference));
  slip += SlipLine("Entri", fmt::format("{}", receipt.entries.front().sequence));
  slip += Folded("", first.entry.id.ToString());
  return slip + line + "\n";
}

Receipt FirstEntryOf(const Receipt& receipt) {
  return {.entries = {receipt.entries.front()}, .checkpoint = receipt.checkpoint};
}

}  // namespace lumbung::cli
