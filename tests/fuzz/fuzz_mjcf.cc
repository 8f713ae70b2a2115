// Edits of an MJCF: its tags and attributes are found by plain search, so that broken texts can be edited on.
#include <algorithm>

#include "tests/fuzz/fuzz.h"

namespace reverie::fuzz {
namespace {

const std::vector<std::string> kValues = {"0",
                                          "-1",
                                          "1e308",
                                          "-1e308",
                                          "1e-308",
                                          "nan",
                                          "inf",
                                          "-inf",
                                          "99999999999",
                                          "2147483648",
                                          "-2147483649",
                                          "1e9",
                                          "",
                                          " ",
                                          "x",
                                          "0 0 0",
                                          "1 1 1 1 1 1 1 1 1 1",
                                          "true",
                                          "auto",
                                          "\xff\xfe\xc3",
                                          "%s%n",
                                          "../style.xml",
                                          "1e6",
                                          "0.5 nan",
                                          "1000000"};
// Whole elements that reach parts of the engine which no scene uses.
const std::vector<std::string> kElements = {
    ("<composite type=\"cable\" curve=\"s\" count=\"5 1 1\" size=\"1\"><geom type=\"capsule\" "
     "size=\".01\"/></composite>"),
    "<flexcomp name=\"f\" type=\"grid\" count=\"3 3 3\" spacing=\".1 .1 .1\" dim=\"3\" mass=\"1\"/>",
    "<flexcomp name=\"g\" type=\"box\" count=\"2 2 2\" dim=\"2\" rigid=\"true\"/>",
    "<replicate count=\"3\" offset=\"0 0 1\"><body><freejoint/><geom size=\".1\"/></body></replicate>",
    "<replicate count=\"1000000\"><geom size=\".1\"/></replicate>",
    "<frame pos=\"1 0 0\" childclass=\"no\"><geom size=\".1\"/></frame>",
    "<asset><mesh name=\"m\" vertex=\"0 0 0 1 0 0 0 1 0 0 0 1\" face=\"0 1 2 0 1 9\"/></asset>",
    "<asset><hfield name=\"h\" nrow=\"3\" ncol=\"3\" size=\"1 1 1 1\" elevation=\"1 2 3\"/></asset>",
    "<asset><mesh name=\"m\" builtin=\"sphere\" params=\"3\"/></asset>",
    "<asset><texture name=\"t\" type=\"2d\" builtin=\"checker\" width=\"0\" height=\"9\"/></asset>",
    "<tendon><spatial name=\"s\"><site site=\"tip\"/><pulley divisor=\"0\"/></spatial></tendon>",
    "<tendon><fixed name=\"s\"><joint joint=\"elbow\" coef=\"1\"/></fixed></tendon>",
    "<equality><weld body1=\"torso\" body2=\"torso\"/></equality>",
    "<equality><connect body1=\"torso\" anchor=\"0 0 0\"/></equality>",
    "<contact><pair geom1=\"floor\" geom2=\"floor\" condim=\"7\"/></contact>",
    "<sensor><user dim=\"-1\"/><rangefinder site=\"tip\" cutoff=\"-1\"/></sensor>",
    "<sensor><distance geom1=\"floor\" geom2=\"torso\" cutoff=\"1\"/></sensor>",
    "<size memory=\"3G\" nconmax=\"-1\" njmax=\"1\"/>",
    "<size memory=\"1\"/>",
    "<size nuserdata=\"2000000000\"/>",
    "<keyframe><key qpos=\"1\" ctrl=\"nan\"/></keyframe>",
    "<extension><plugin plugin=\"mujoco.elasticity.cable\"><instance name=\"i\"/></plugin></extension>",
    ("<custom><numeric name=\"n\" size=\"2000000000\"/><tuple name=\"t\"><element objtype=\"tuple\" "
     "objname=\"t\"/></tuple></custom>"),
    "<include file=\"model.xml\"/>",
    "<attach model=\"none\" body=\"torso\" prefix=\"a\"/>",
    "<joint type=\"ball\" range=\"0 1\"/>",
    "<freejoint/>",
    "<geom type=\"mesh\" mesh=\"m\"/>",
    "<geom type=\"ellipsoid\" size=\"1 0 -1\" fluidshape=\"ellipsoid\"/>",
    "<geom type=\"sdf\"/>",
    "<actuator><muscle name=\"u\" tendon=\"s\"/><adhesion body=\"torso\"/></actuator>",
    "<deformable><skin name=\"k\" vertex=\"0 0 0\" face=\"0 0 5\"/></deformable>"};

struct Span {
  size_t begin = 0, size = 0;
};

// The next tag from a random place on, from '<' to '>'.
Span random_tag(const std::string& text, contract::Rng& rng) {
  const size_t begin = text.find('<', draw(rng, text.size()));
  if (begin == std::string::npos) return {};
  const size_t end = text.find('>', begin);
  return end == std::string::npos ? Span{} : Span{begin, end + 1 - begin};
}

// The value of the next attribute from a random place on, without its quotes.
Span random_value(const std::string& text, contract::Rng& rng) {
  const size_t before = text.find("=\"", draw(rng, text.size()));
  if (before == std::string::npos) return {};
  const size_t end = text.find('"', before + 2);
  return end == std::string::npos ? Span{} : Span{before + 2, end - before - 2};
}

Span word_at(const std::string& text, size_t begin) {
  const size_t end =
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789", begin);
  return {begin, std::min(end, text.size()) - begin};
}

std::string at(const std::string& text, Span span) { return text.substr(span.begin, span.size); }

// One number of a list becomes another.
void change_number(std::string& text, Span value, contract::Rng& rng) {
  const std::string list = at(text, value);
  const size_t from = list.find_first_not_of(' ', draw(rng, list.size() + 1));
  if (from == std::string::npos) return;
  const size_t size = std::min(list.find(' ', from), list.size()) - from;
  text.replace(value.begin + from, size, pick(kValues, rng));
}

void edit_value(std::string& text, const std::vector<std::string>& corpus, contract::Rng& rng) {
  const Span value = random_value(text, rng);
  if (value.begin == 0) return;
  const std::string& other = pick(corpus, rng);
  switch (rng.below(5)) {
    case 0:
      text.replace(value.begin, value.size, pick(kValues, rng));
      break;
    case 1:
      text.replace(value.begin, value.size, at(other, random_value(other, rng)));
      break;
    case 2:
    case 3:
      if (const size_t digit = text.find_first_of("0123456789", value.begin); digit != std::string::npos)
        text[digit] = static_cast<char>('0' + rng.below(10));
      break;
    default:
      change_number(text, value, rng);
  }
}

void edit_name(std::string& text, const std::vector<std::string>& corpus, contract::Rng& rng) {
  const std::string& other = pick(corpus, rng);
  if (rng.below(2) == 0) {  // of a tag
    const Span to = random_tag(text, rng), from = random_tag(other, rng);
    if (to.size == 0 || from.size == 0) return;
    const Span name = word_at(text, to.begin + 1);
    text.replace(name.begin, name.size, at(other, word_at(other, from.begin + 1)));
    return;
  }
  const Span value = random_value(other, rng), tag = random_tag(text, rng);  // one attribute more
  if (value.begin == 0 || tag.size == 0) return;
  const size_t space = other.rfind(' ', value.begin);
  if (space == std::string::npos || space + 1 > value.begin) return;
  const Span name = word_at(text, tag.begin + 1);
  text.insert(name.begin + name.size, other.substr(space, value.begin + value.size + 1 - space));
}

void edit_structure(std::string& text, const std::vector<std::string>& corpus, contract::Rng& rng) {
  const Span tag = random_tag(text, rng);
  if (tag.size == 0) return;
  const std::string& other = pick(corpus, rng);
  const Span place = random_tag(text, rng);
  switch (rng.below(7)) {
    case 0:
      text.erase(tag.begin, tag.size);
      break;
    case 1:
      text.insert(tag.begin, at(text, tag));
      break;
    case 2:
      text.insert(place.begin, at(text, tag));
      break;
    case 3:
      text.insert(place.begin, at(other, random_tag(other, rng)));
      break;
    case 4:
      text.insert(place.begin, pick(kElements, rng));
      break;
    case 5:
      if (tag.begin < place.begin) text.erase(tag.begin, place.begin - tag.begin);
      break;
    default: {  // a deep nest
      const size_t depth = size_t{1} << rng.below(13);
      std::string open, close;
      for (size_t i = 0; i < depth; ++i) open += "<body>", close += "</body>";
      text.insert(place.begin, open + "<geom size=\"0.1\"/>" + close);
    }
  }
}

}  // namespace

std::string edited_mjcf(std::string text, const std::vector<std::string>& corpus, contract::Rng& rng) {
  switch (rng.below(8)) {
    case 0:
      return edited(std::move(text), corpus, kValues, rng);
    case 1:
      edit_name(text, corpus, rng);
      return text;
    case 2:
    case 3:
      edit_structure(text, corpus, rng);
      return text;
    default:
      edit_value(text, corpus, rng);
      return text;
  }
}

}  // namespace reverie::fuzz
