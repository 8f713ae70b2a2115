// Stands in, where the sanitizers' builds leave LibTorch out, for what readers of runs link and never call.
// ImGui is left out with it: scripts know two keys by name.
#include <imgui.h>

#include <stdexcept>

#include "policies/agent.h"
#include "tensor/device.h"

namespace reverie {

std::vector<std::string> tensor::device_choices() { return {"auto", "cpu", "cuda", "cuda:N"}; }

base::SafeTensors policies::Agent::weights() const { throw std::logic_error("no LibTorch here"); }

void policies::Agent::load_weights(const base::SafeTensors&) { throw std::logic_error("no LibTorch here"); }

}  // namespace reverie

const char* ImGui::GetKeyName(ImGuiKey key) {
  return key == ImGuiKey_Space ? "Space" : key == ImGuiKey_F1 ? "F1" : "";
}
