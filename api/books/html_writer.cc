// The report as one HTML page without scripts or anything from elsewhere, to be read on a screen
// and printed on A4. Each table repeats the report's name and its column titles at the top of each
// sheet, and browsers that know margin boxes number the sheets.
#include <fmt/format.h>

#include <utility>

#include "api/books/report_writer.h"
#include "api/cli/plain_text.h"

namespace lumbung::books {

namespace {

constexpr std::string_view kStyle = R"(
@page { margin: 14mm 12mm 16mm; @bottom-right { content: counter(page) " / " counter(pages); } }
body { font: 10pt/1.35 "Liberation Sans", Arial, Helvetica, sans-serif; color: #000; margin: 2em; }
h1 { font-size: 15pt; margin: 0 0 .2em; }
h2 { font-size: 11.5pt; margin: 1.4em 0 .4em; break-after: avoid; }
p { margin: .15em 0; }
table { border-collapse: collapse; width: 100%; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { padding: .18em .5em; vertical-align: top; text-align: left; }
th { border-bottom: 1px solid #000; font-weight: bold; }
tr.running { display: none; }
tr.running th { border: 0; font-weight: normal; font-size: 8pt; color: #444; }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
tr.opening td { font-style: italic; }
tr.total td { border-top: 1px solid #000; border-bottom: 3px double #000; font-weight: bold; }
.controls { margin-top: 1.6em; border: 1px solid #000; padding: .5em .8em; break-inside: avoid; }
.failed { color: #fff; background: #b00000; font-weight: bold; padding: .3em .6em; }
.signatures { display: flex; gap: 4em; margin-top: 2.5em; break-inside: avoid; }
.signatures p { flex: 1; border-top: 1px solid #000; margin-top: 5em; text-align: center; }
@media print {
  body { margin: 0; font-size: 8.5pt; }
  tr.running { display: table-row; }
  .failed { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
)";

class HtmlWriter final : public ReportWriter {
 public:
  explicit HtmlWriter(Output output) : output_(std::move(output)) {}

  void Begin(const ReportHead& head) override {
    head_ = head;
    who_ = fmt::format("{} {}", head.cooperative, head.name);
    output_(fmt::format(
        "<!DOCTYPE html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n<title>{}, {}</title>\n"
        "<style>\n@page {{ size: A4 {}; }}{}</style>\n</head>\n<body>\n"
        "<h1>{}</h1>\n<p>{}</p>\n<p>{}</p>\n",
        head.language == Language::kIndonesian ? "id" : "en", cli::HtmlText(head.title),
        cli::HtmlText(who_), head.paper == Paper::kLandscape ? "landscape" : "portrait", kStyle,
        cli::HtmlText(head.title), cli::HtmlText(who_), cli::HtmlText(head.period)));
  }

  void BeginSection(std::string_view heading, std::span<const size_t>) override {
    in_table_ = true;
    if (!heading.empty()) output_(fmt::format("<h2>{}</h2>\n", cli::HtmlText(heading)));
    output_(
        fmt::format("<table>\n<thead>\n<tr class=\"running\"><th colspan=\"{}\">{}</th></tr>\n"
                    "<tr>",
                    head_.columns.size(),
                    cli::HtmlText(fmt::format("{} · {} · {}{}{}", head_.title, who_, head_.period,
                                              heading.empty() ? "" : " · ", heading))));
    for (const Column& column : head_.columns) {
      output_(fmt::format("<th{}>{}</th>", ClassOf(column),
                          cli::HtmlText(column.title.In(head_.language))));
    }
    output_("</tr>\n</thead>\n<tbody>\n");
  }

  void AddRow(RowStyle style, std::span<const Cell> row) override {
    std::string line = "<tr";
    if (style == RowStyle::kOpening) line += " class=\"opening\"";
    if (style == RowStyle::kTotal) line += " class=\"total\"";
    line += ">";
    for (size_t i = 0; i < row.size(); ++i) {
      const bool hidden = style == RowStyle::kSameAgain && head_.columns[i].once;
      line += fmt::format("<td{}>{}</td>", ClassOf(head_.columns[i]),
                          hidden ? "" : cli::HtmlText(ToText(row[i])));
    }
    output_(line + "</tr>\n");
  }

  void EndSection() override {
    output_("</tbody>\n</table>\n");
    in_table_ = false;
  }

  void End(const ReportEnd& end) override {
    const Language language = head_.language;
    output_(fmt::format("<div class=\"controls\">\n<p><b>{}</b></p>\n",
                        Phrase{"Kontrol", "Controls"}.In(language)));
    for (const Control& control : end.controls) {
      output_(fmt::format("<p{}>{} {}: {} {} {}</p>\n", control.holds() ? "" : " class=\"failed\"",
                          control.holds() ? "✓" : "✗", cli::HtmlText(control.text),
                          ToText(control.left), control.holds() ? "=" : "≠",
                          ToText(control.right)));
    }
    for (const std::string& note : end.notes)
      output_(fmt::format("<p>{}</p>\n", cli::HtmlText(note)));
    output_("</div>\n");
    if (!AllHold(end.controls)) Banner(FailedText().In(language));
    if (!end.signatures.empty()) {
      output_("<div class=\"signatures\">");
      for (const std::string& who : end.signatures) {
        output_(fmt::format("<p>{}</p>", cli::HtmlText(who)));
      }
      output_("</div>\n");
    }
    output_("</body>\n</html>\n");
  }

  void Abandon(std::string_view why) override {
    if (in_table_) EndSection();
    constexpr Phrase kIncomplete{"TIDAK LENGKAP", "INCOMPLETE"};
    Banner(fmt::format("{}: {}", kIncomplete.In(head_.language), why));
    output_("</body>\n</html>\n");
  }

 private:
  static std::string_view ClassOf(const Column& column) {
    return column.alignment == Alignment::kRight ? " class=\"number\"" : "";
  }

  void Banner(std::string_view text) {
    output_(fmt::format("<p class=\"failed\">{}</p>\n", cli::HtmlText(text)));
  }

  Output output_;
  ReportHead head_;
  std::string who_;
  bool in_table_ = false;
};

}  // namespace

std::unique_ptr<ReportWriter> MakeHtmlWriter(ReportWriter::Output output) {
  return std::make_unique<HtmlWriter>(std::move(output));
}

}  // namespace lumbung::books
