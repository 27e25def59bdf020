// FORMAT.md's worked example, byte by byte.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "engine/attachment.h"
#include "storage/block_chain.h"
#include "storage/block_codec.h"
#include "storage/segment_file.h"
#include "storage/transparency/checkpoint.h"
#include "storage/transparency/cosignatures.h"
#include "storage/transparency/witness_rule.h"
#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

// The bytes of the document's `hex` block: after an offset of four digits, two digits a byte. In
// the `segment` block one line stands for the first block's bytes.
std::vector<std::byte> DocumentedBytes(const std::string& fence = "```hex") {
  std::ifstream document(LUMBUNG_FORMAT_DOCUMENT);
  std::vector<std::byte> bytes;
  std::string line;
  bool inside = false;
  while (std::getline(document, line)) {
    if (line == fence) {
      inside = true;
    } else if (line == "```") {
      inside = false;
    } else if (inside) {
      std::istringstream words(line);
      std::string word;
      words >> word;
      EXPECT_EQ(std::stoul(word, nullptr, 16), bytes.size());
      if (line.find("the block above") != std::string::npos) {
        const std::vector<std::byte> block = DocumentedBytes();
        bytes.insert(bytes.end(), block.begin(), block.end());
        continue;
      }
      while (words >> word) bytes.push_back(static_cast<std::byte>(std::stoul(word, nullptr, 16)));
    }
  }
  return bytes;
}

std::unique_ptr<Block> MakeExample() {
  auto block = std::make_unique<Block>();
  block->Reset(Sequence{1});
  Attachment attachment;
  attachment.text = "bon 17";
  Entry& entry = block->Append(1, attachment.EncodedSize())[0];
  entry.id = *TransactionId::Parse("019ab3f0-a400-7abc-8def-0123456789ab");
  entry.debit_account = *AccountId::Parse("1024.2101.55");
  entry.credit_account = *AccountId::Parse("1024.4101.2");
  entry.amount = Amount{2'500'000};
  entry.debit_balance = Amount{12'500'000};
  entry.credit_balance = Amount{2'500'000};
  entry.timestamp = Timestamp{1'795'496'400'000'000'000};
  entry.reference = 815;
  entry.device_time = 1'795'496'398;
  entry.branch = BranchId{2};
  entry.terminal = TerminalId{1};
  entry.terminal_sequence = 42;
  entry.operator_id = OperatorId{7};
  entry.kind = EntryKind::Of(Step::kPost, Purpose::kPayment);
  entry.outcome = Outcome::kAccepted;
  entry.leg_count = 1;
  entry.attachment_length = static_cast<uint16_t>(attachment.EncodedSize());
  attachment.Encode(block->LastAttachment());
  block->Close();
  SealBlock(*block, kGenesisHash);
  return block;
}

TEST(Format, IsWhatTheDocumentShows) {
  const auto example = MakeExample();
  const std::vector<std::byte> made(example->Bytes().begin(), example->Bytes().end());
  EXPECT_EQ(DocumentedBytes(), made);
}

TEST(Format, OfASegmentIsWhatTheDocumentShows) {
  const TemporaryFolder folder;
  const std::string path = folder.Path("example.segment");
  BlockChain chain(Sequence{1});
  const auto block = chain.Take(DocumentedBytes());
  ASSERT_TRUE(block.ok()) << block.status();
  auto writer = SegmentWriter::Create(path);
  ASSERT_TRUE(writer.ok()) << writer.status();
  ASSERT_TRUE((*writer)->Add(**block).ok());
  ASSERT_TRUE((*writer)->Finish("").ok());
  std::ifstream file(path, std::ios::binary);
  const std::string made(std::istreambuf_iterator<char>(file), {});
  const std::vector<std::byte> shown = DocumentedBytes("```segment");
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(shown.data()), shown.size()), made);
}

TEST(Format, OfTheDocumentIsAGoodBlock) {
  const std::vector<std::byte> bytes = DocumentedBytes();
  const auto view = VerifyBlock(bytes, Sequence{1});
  ASSERT_TRUE(view.ok()) << view.status();
  const auto attachment = Attachment::Decode(view->attachments);
  ASSERT_TRUE(attachment);
  EXPECT_EQ(attachment->text, "bon 17");
  EXPECT_EQ(view->entries[0].credit_account.ToString(), "1024.4101.2");
}

// The lines of the document from the one that begins like this on, up to the end of their block.
std::string DocumentedText(const std::string& beginning) {
  std::ifstream document(LUMBUNG_FORMAT_DOCUMENT);
  std::string text;
  std::string line;
  while (std::getline(document, line)) {
    const bool begins = text.empty() && line.starts_with(beginning);
    if (!text.empty() && line == "```") return text;
    if (begins || !text.empty()) text += line + "\n";
  }
  return "";
}

TEST(Format, OfTheDocumentsCosignatureIsOverTheDocumentsCheckpoint) {
  std::string vkey = DocumentedText("`dinas/saksi+");
  const auto witness = ParseWitnesses(vkey.substr(1, vkey.find('`', 1) - 1));
  ASSERT_TRUE(witness.ok()) << witness.status();
  const std::string note = DocumentedText("lumbung/ledger");
  const TemporaryFolder folder;
  const std::string path = folder.Path("cosignatures");
  std::ofstream(path, std::ios::binary) << DocumentedText("cosignature ");
  Cosignatures cosignatures(path, *witness);
  const absl::Status opened = cosignatures.Open({{1, note}});
  ASSERT_TRUE(opened.ok()) << opened;
  ASSERT_EQ(cosignatures.NewestWith(1), 1u);
  const auto cosigned = SignedNote::Parse(cosignatures.WithCosignatures({1, note}));
  ASSERT_TRUE(cosigned.ok()) << cosigned.status();
  EXPECT_TRUE(CheckCosignatures(*cosigned, {.witnesses = *witness, .needed = 1}).ok());
}

TEST(Format, OfTheDocumentsCheckpointIsSignedOverTheExamplesLeaf) {
  std::string vkey = DocumentedText("lumbung/ledger+");
  ASSERT_FALSE(vkey.empty());
  vkey.pop_back();
  const auto key = VerifierKey::Parse(vkey);
  ASSERT_TRUE(key.ok()) << key.status();
  const auto checkpoint = OpenCheckpoint(DocumentedText("lumbung/ledger"), *key);
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_EQ(checkpoint->size, 1u);
  const std::vector<std::byte> bytes = DocumentedBytes();
  EXPECT_EQ(checkpoint->root, LeafHash(std::span(bytes).subspan(Block::kHeaderBytes)));
}

}  // namespace
}  // namespace lumbung
