#include "storage/transparency/aside_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/storage/temporary_folder.h"

namespace lumbung {
namespace {

using Naming = AsideFile::Naming;

class AsideFileTest : public testing::Test {
 protected:
  std::unique_ptr<AsideFile> Make(Naming naming) const {
    auto made = AsideFile::Make(path_, naming, 0640);
    EXPECT_TRUE(made.ok()) << made.status();
    EXPECT_TRUE((*made)->Write("new ").ok());
    EXPECT_TRUE((*made)->Write("content").ok());
    return *std::move(made);
  }
  void WriteByHand(const std::string& content) const { std::ofstream(path_) << content; }
  // Of all files of the folder, so that what was left beside one is seen.
  std::string Contents() const {
    std::string all;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.Path(""))) {
      std::ifstream file(entry.path());
      all += std::string{std::istreambuf_iterator<char>(file), {}} + ";";
    }
    return all;
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.Path("file");
};

TEST_F(AsideFileTest, HasItsNameOnlyWhenItIsFinished) {
  for (const Naming naming : {Naming::kNew, Naming::kInPlaceOfAnother}) {
    const auto file = Make(naming);
    EXPECT_FALSE(std::filesystem::exists(path_));
    EXPECT_TRUE(file->Finish().ok());
    EXPECT_EQ(Contents(), "new content;");
    struct stat found {};
    EXPECT_EQ(stat(path_.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777 & ~0640U, 0U);
    std::filesystem::remove(path_);
  }
}

TEST_F(AsideFileTest, LeavesNothingIfItIsNotFinished) {
  Make(Naming::kNew);
  EXPECT_EQ(Contents(), "");
  WriteByHand("old");
  Make(Naming::kInPlaceOfAnother);
  EXPECT_EQ(Contents(), "old;");
}

TEST_F(AsideFileTest, IsPutInPlaceOfAnotherWhole) {
  WriteByHand("old");
  const auto file = Make(Naming::kInPlaceOfAnother);
  std::ifstream before(path_);
  EXPECT_TRUE(file->Finish().ok());
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(before), {}), "old");
  EXPECT_EQ(Contents(), "new content;");
}

TEST_F(AsideFileTest, IsNeverPutOverAnotherIfItIsToBeNew) {
  const auto file = Make(Naming::kNew);
  WriteByHand("another's");  // meanwhile
  EXPECT_TRUE(absl::IsFailedPrecondition(file->Finish()));
  EXPECT_TRUE(absl::IsFailedPrecondition(AsideFile::Make(path_, Naming::kNew, 0600).status()));
  std::ifstream there(path_);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(there), {}), "another's");
}

TEST_F(AsideFileTest, NamesTheFolderThatIsNotThere) {
  const auto made = AsideFile::Make(folder_.Path("no/such"), Naming::kNew, 0600);
  EXPECT_TRUE(absl::IsUnavailable(made.status())) << made.status();
  EXPECT_NE(made.status().message().find("no/such"), std::string::npos);
}

}  // namespace
}  // namespace lumbung
