// The audit as one HTML page.
#include <fmt/format.h>

#include "api/cli/audit_view.h"
#include "api/cli/plain_text.h"

namespace lumbung::cli {
namespace {

constexpr char kPageStyle[] =
    "body{font:15px/1.45 system-ui,sans-serif;color:#1d1d1f;max-width:72em;margin:2em auto;"
    "padding:0 1.2em}"
    "h1{font-size:1.5em;margin:0 0 .2em}h2{font-size:1.05em;margin:2em 0 .4em}"
    ".verdict{padding:.9em 1.1em;border-radius:.4em;font-weight:600;margin:1em 0}"
    ".sound{background:#e3f4e6;color:#12491d}.unsound{background:#fbe3e1;color:#7a150c}"
    ".note{color:#666;font-weight:400;font-size:.9em}"
    ".wide{overflow-x:auto}"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.92em}"
    "th{text-align:left;font-weight:600;border-bottom:2px solid #999;padding:.25em .9em .25em 0}"
    "td{border-bottom:1px solid #e2e2e2;padding:.25em .9em .25em 0;vertical-align:top;"
    "overflow-wrap:anywhere}"
    ".right{text-align:right;white-space:nowrap}.failed{color:#a01b10;font-weight:600}"
    "@media print{body{margin:0;max-width:none;font-size:11px}h2{break-after:avoid}"
    "tr{break-inside:avoid}thead{display:table-header-group}.wide{overflow:visible}"
    ".verdict{border:1px solid #888}}"
    "@page{margin:15mm}";

std::string CellClass(const Column& column, const std::string& text) {
  if (text == NameOf(audit::CheckEnd::kFailed) || text == NameOf(audit::CheckEnd::kUnread)) {
    return " class=\"failed\"";
  }
  return column.align == Align::kRight ? " class=\"right\"" : "";
}

std::string HtmlTableOf(const AuditSection& section) {
  std::string html = "<div class=\"wide\"><table>";
  bool titled = false;
  for (const Column& column : section.columns) titled = titled || !column.title.empty();
  if (titled) {
    html += "<thead><tr>";
    for (const Column& column : section.columns) {
      html += fmt::format("<th{}>{}</th>", CellClass(column, column.title), HtmlText(column.title));
    }
    html += "</tr></thead>";
  }
  html += "<tbody>\n";
  for (const auto& row : section.rows) {
    html += "<tr>";
    for (size_t i = 0; i < row.size(); ++i) {
      html += fmt::format("<td{}>{}</td>", CellClass(section.columns[i], row[i]), HtmlText(row[i]));
    }
    html += "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

}  // namespace

std::string AuditAsHtml(const AuditView& view) {
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
      "<title>{}</title><style>{}</style></head>\n<body>\n<h1>{}</h1>\n"
      "<p class=\"verdict {}\">{}</p>\n",
      HtmlText(view.subject), kPageStyle, HtmlText(view.subject),
      view.all_well ? "sound" : "unsound", HtmlText(view.verdict));
  for (const AuditSection& section : view.sections) {
    html += fmt::format("<h2>{}{}</h2>\n", HtmlText(section.title),
                        section.note.empty() ? ""
                                             : fmt::format(" <span class=\"note\">{}</span>",
                                                           HtmlText(section.note)));
    html +=
        section.rows.empty() ? std::string("<p class=\"note\">none</p>\n") : HtmlTableOf(section);
  }
  return html + "</body></html>\n";
}

}  // namespace lumbung::cli
