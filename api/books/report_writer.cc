#include "api/books/report_writer.h"

#include <algorithm>
#include <utility>

namespace lumbung::books {

bool AllHold(std::span<const Control> controls) {
  return std::all_of(controls.begin(), controls.end(), [](const Control& c) { return c.holds(); });
}

Phrase FailedText() {
  return {"KONTROL GAGAL: laporan ini tidak boleh dipakai sebelum sebabnya ditemukan.",
          "CONTROL FAILED: do not rely on this report before the cause is found."};
}

std::unique_ptr<ReportWriter> MakeWriter(Format format, ReportWriter::Output output) {
  switch (format) {
    case Format::kText:
      return MakeTextWriter(std::move(output));
    case Format::kCsv:
      return MakeCsvWriter(std::move(output));
    case Format::kHtml:
      return MakeHtmlWriter(std::move(output));
    case Format::kJson:
      return MakeJsonWriter(std::move(output));
  }
  return nullptr;
}

}  // namespace lumbung::books
