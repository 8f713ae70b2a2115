#include "report/html.h"

#include <fmt/format.h>

#include <cctype>

namespace reverie::report {
namespace {

constexpr std::string_view kStyle = R"(
:root{--page:#f6f7f9;--card:#ffffff;--text:#1b1f26;--muted:#626a76;--line:#e5e8ed}
@media screen and (prefers-color-scheme:dark){
 :root{--page:#121418;--card:#1a1a1a;--text:#e8ebf0;--muted:#9aa3b0;--line:#30353d}
 img.plot{filter:invert(.9) hue-rotate(180deg)}
}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);
 font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:60rem;margin:0 auto;padding:2.5rem 1.5rem 4rem}
header h1{font-size:1.75rem;line-height:1.25;font-weight:650;letter-spacing:-.01em;margin:0 0 .5rem}
header p{color:var(--muted);margin:0;max-width:none;overflow-wrap:anywhere}
h2{font-size:1.15rem;font-weight:650;margin:2.75rem 0 .75rem}
p{margin:.6rem 0;max-width:46rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(11.5rem,1fr));gap:.9rem;margin:1.75rem 0 1.5rem}
.figure{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:.95rem 1.1rem}
.figure .name{color:var(--muted);font-size:.82rem}
.figure .value{font-size:1.7rem;line-height:1.3;font-weight:650;font-variant-numeric:tabular-nums}
.figure .note{color:var(--muted);font-size:.82rem}
.plots{display:flex;flex-wrap:wrap;gap:.9rem;align-items:flex-start}
.card{flex:1 1 24rem;min-width:0;background:var(--card);border:1px solid var(--line);
 border-radius:10px;padding:.4rem;margin:.9rem 0}
.plots{margin:.9rem 0}
.plots .card{margin:0}
img.plot{display:block;width:100%;height:auto}
.caption{color:var(--muted);font-size:.88rem;margin:.6rem .2rem 1.4rem;max-width:none}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-size:.92rem;font-variant-numeric:tabular-nums;margin:.6rem 0}
th,td{padding:.42rem .95rem .42rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th{color:var(--muted);font-weight:550;cursor:pointer}
th[data-order="1"]::after{content:" ▴"}
th[data-order="-1"]::after{content:" ▾"}
video{display:block;width:100%;height:auto;border-radius:6px}
td.number,th.number{text-align:right}
summary{cursor:pointer;color:var(--muted)}
pre{overflow-x:auto;background:var(--card);border:1px solid var(--line);border-radius:10px;
 padding:1rem;font-size:.82rem;line-height:1.5}
@media print{main{max-width:none;padding:0}.card,.figure{break-inside:avoid}}
)";

// A click on a head sorts the table by that column, another one the other way round. Numbers go by value, a dash last.
constexpr std::string_view kScript = R"(
document.querySelectorAll("th").forEach(head=>head.addEventListener("click",()=>{
 const rows=[...head.closest("table").rows].slice(1),column=head.cellIndex,
  order=head.dataset.order==="1"?-1:1;
 head.parentNode.querySelectorAll("th").forEach(other=>delete other.dataset.order);
 head.dataset.order=order;
 const value=row=>{const text=row.cells[column].textContent.replace("−","-"),number=parseFloat(text);
  return isNaN(number)?text:number};
 rows.sort((a,b)=>{const x=value(a),y=value(b);
  if(x==="–"||y==="–")return (x==="–")-(y==="–");
  return order*(typeof x===typeof y?(x>y)-(x<y):typeof x==="number"?-1:1)});
 rows.forEach(row=>row.parentNode.appendChild(row));
}));
)";

std::string escape_markup(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        result += "&amp;";
        break;
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

// The plot as a picture inside the page. Each picture is a document of its own: the names in one SVG cannot
// clash with those in another.
std::string picture(const Plot& plot) {
  std::string address;
  for (const char c : to_svg(plot)) {
    if (std::string_view("%#&<>\"\n").find(c) == std::string_view::npos)
      address += c;
    else
      address += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return fmt::format("<img class=\"plot\" alt=\"{}\" src=\"data:image/svg+xml,{}\">",
                     escape_markup(describe(plot)), address);
}

// Starts like a number: digits after an optional sign.
bool is_number(std::string_view text) {
  size_t i = 0;
  if (text.starts_with("−")) i = std::string_view("−").size();
  if (text.starts_with("-") || text.starts_with("+")) i = 1;
  return i < text.size() && std::isdigit(static_cast<unsigned char>(text[i]));
}

// A column is one of numbers when every entry below its head is a number or a dash.
std::vector<bool> number_columns(const std::vector<std::vector<std::string>>& rows) {
  std::vector<bool> result(rows.empty() ? 0 : rows.front().size(), rows.size() > 1);
  for (size_t r = 1; r < rows.size(); ++r)
    for (size_t c = 0; c < rows[r].size() && c < result.size(); ++c)
      if (!is_number(rows[r][c]) && rows[r][c] != "–") result[c] = false;
  return result;
}

}  // namespace

HtmlPage::HtmlPage(std::string_view title) : title_(title) {}

void HtmlPage::headline(std::string_view text, std::string_view subtitle) {
  body_ +=
      fmt::format("<header><h1>{}</h1><p>{}</p></header>\n", escape_markup(text), escape_markup(subtitle));
}

void HtmlPage::figures(const std::vector<Figure>& figures) {
  body_ += "<div class=\"figures\">\n";
  for (const Figure& f : figures)
    body_ += fmt::format(
        "<div class=\"figure\"><div class=\"name\">{}</div><div class=\"value\">{}</div><div "
        "class=\"note\">{}</div></div>\n",
        escape_markup(f.name), escape_markup(f.value), escape_markup(f.note));
  body_ += "</div>\n";
}

void HtmlPage::section(std::string_view title) {
  body_ += fmt::format("<h2>{}</h2>\n", escape_markup(title));
}

void HtmlPage::paragraph(std::string_view text) { body_ += fmt::format("<p>{}</p>\n", escape_markup(text)); }

void HtmlPage::plot(const Plot& plot, std::string_view caption) {
  body_ += fmt::format("<div class=\"card\">{}</div>\n", picture(plot));
  if (!caption.empty()) body_ += fmt::format("<p class=\"caption\">{}</p>\n", escape_markup(caption));
}

void HtmlPage::plots(const std::vector<Plot>& plots, std::string_view caption) {
  body_ += "<div class=\"plots\">\n";
  for (const Plot& plot : plots) body_ += fmt::format("<div class=\"card\">{}</div>\n", picture(plot));
  body_ += "</div>\n";
  if (!caption.empty()) body_ += fmt::format("<p class=\"caption\">{}</p>\n", escape_markup(caption));
}

void HtmlPage::table(const std::vector<std::vector<std::string>>& rows) {
  const std::vector<bool> right = number_columns(rows);
  body_ += "<div class=\"scroll\"><table>\n";
  for (size_t r = 0; r < rows.size(); ++r) {
    const char* cell = r == 0 ? "th" : "td";
    body_ += "<tr>";
    for (size_t c = 0; c < rows[r].size(); ++c)
      body_ += fmt::format("<{0}{1}>{2}</{0}>", cell, c < right.size() && right[c] ? " class=\"number\"" : "",
                           escape_markup(rows[r][c]));
    body_ += "</tr>\n";
  }
  body_ += "</table></div>\n";
}

void HtmlPage::videos(const std::vector<Video>& videos, std::string_view caption) {
  body_ += "<div class=\"plots\">\n";
  for (const Video& video : videos)
    body_ += fmt::format(
        "<div class=\"card\"><video controls loop muted preload=\"metadata\" src=\"{}\"></video><p "
        "class=\"caption\">{}</p></div>\n",
        escape_markup(video.file), escape_markup(video.caption));
  body_ += "</div>\n";
  if (!caption.empty()) body_ += fmt::format("<p class=\"caption\">{}</p>\n", escape_markup(caption));
}

void HtmlPage::details(std::string_view summary, std::string_view preformatted) {
  body_ += fmt::format("<details><summary>{}</summary><pre>{}</pre></details>\n", escape_markup(summary),
                       escape_markup(preformatted));
}

std::string HtmlPage::finish() const {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width,initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light "
      "dark\">\n<title>{}</title>\n<style>{}</style>\n</head>\n<body><main>\n{}</main><script>{}</script></"
      "body>\n</html>\n",
      escape_markup(title_), kStyle, body_, kScript);
}

}  // namespace reverie::report
