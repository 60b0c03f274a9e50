// Switches that the environment sets. Included by kernels, so it declares only.
#pragma once

namespace gemmule {

/// Whether 3x3 convolutions may use Winograd's algorithm (about 2e-6 of the largest result in error, direct
/// sums about 4e-7). GEMMULE_WINOGRAD=0 turns it off.
bool winogradAllowed();

}  // namespace gemmule
