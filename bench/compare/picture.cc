#include "bench/compare/picture.h"

#include <algorithm>
#include <array>
#include <cmath>

#include <fmt/format.h>

namespace lumbung {

namespace {

constexpr double kWidth = 760;
constexpr double kHeight = 430;
constexpr double kLeft = 80;
constexpr double kRight = 170;  // room for the names of the curves
constexpr double kTop = 40;
constexpr double kBottom = 55;

// From Okabe and Ito's palette: told apart by the colour-blind, and on white and black.
constexpr std::array<const char*, 5> kColours = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                                 "#E69F00"};

struct Scale {
  int low;  // powers of ten
  int high;
  double begin;  // in the picture
  double end;

  double At(double value) const {
    return begin + (std::log10(value) - low) / (high - low) * (end - begin);
  }
};

std::string PowerOfTen(int power) {
  constexpr std::array<const char*, 10> kNames = {"1",     "10",  "100",  "1 k",   "10 k",
                                                  "100 k", "1 M", "10 M", "100 M", "1 G"};
  return kNames.at(static_cast<size_t>(power));
}

std::string Grid(const Scale& x, const Scale& y) {
  std::string svg;
  constexpr const char* kLine = R"(<line x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" )"
                                R"(stroke="#888" stroke-opacity="0.35"/>)"
                                "\n";
  constexpr const char* kText =
      R"(<text x="{:.1f}" y="{:.1f}" text-anchor="{}" fill="#888">{}</text>)"
      "\n";
  for (int power = x.low; power <= x.high; ++power) {
    const double at = x.At(std::pow(10, power));
    svg += fmt::format(fmt::runtime(kLine), at, y.begin, at, y.end);
    svg += fmt::format(fmt::runtime(kText), at, y.begin + 20, "middle", PowerOfTen(power));
  }
  for (int power = y.low; power <= y.high; ++power) {
    const double at = y.At(std::pow(10, power));
    svg += fmt::format(fmt::runtime(kLine), x.begin, at, x.end, at);
    svg += fmt::format(fmt::runtime(kText), x.begin - 8, at + 4, "end", PowerOfTen(power));
  }
  svg += fmt::format(fmt::runtime(kText), (x.begin + x.end) / 2, kHeight - 12, "middle",
                     "transactions in a call");
  svg +=
      fmt::format(fmt::runtime(kText), x.begin - 50, kTop - 18, "start", "transactions a second");
  return svg;
}

std::string Drawn(const Curve& curve, const char* colour, const Scale& x, const Scale& y) {
  std::string path;
  std::string svg;
  for (const Curve::Point& point : curve.points) {
    path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : " L", x.At(point.batch),
                        y.At(point.rate));
    svg += fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="4" fill="{}"/>)"
                       "\n",
                       x.At(point.batch), y.At(point.rate), colour);
  }
  svg += fmt::format(R"(<path d="{}" fill="none" stroke="{}" stroke-width="2.5"/>)"
                     "\n",
                     path, colour);
  const Curve::Point& last = curve.points.back();
  svg += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" fill="{}">{}</text>)"
                     "\n",
                     x.At(last.batch) + 12, y.At(last.rate) + 4, colour, curve.name);
  return svg;
}

}  // namespace

std::string PictureOf(const std::vector<Curve>& curves) {
  double least = 1e9;
  double most = 1;
  for (const Curve& curve : curves) {
    for (const Curve::Point& point : curve.points) {
      least = std::min(least, point.rate);
      most = std::max(most, point.rate);
    }
  }
  const Scale x{.low = 0, .high = 4, .begin = kLeft, .end = kWidth - kRight};
  const Scale y{.low = static_cast<int>(std::floor(std::log10(least))),
                .high = static_cast<int>(std::ceil(std::log10(most))),
                .begin = kHeight - kBottom,
                .end = kTop};
  std::string svg = fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" width="{0}" height="{1}" )"
      R"(font-family="sans-serif" font-size="13">)"
      "\n",
      kWidth, kHeight);
  svg += Grid(x, y);
  for (size_t i = 0; i < curves.size(); ++i) {
    if (!curves[i].points.empty()) svg += Drawn(curves[i], kColours[i % kColours.size()], x, y);
  }
  return svg + "</svg>\n";
}

}  // namespace lumbung
