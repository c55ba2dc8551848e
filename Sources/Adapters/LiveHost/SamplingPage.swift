// SPDX-License-Identifier: Apache-2.0

internal import RPC
package import Roles

/// The page that shows a node's sampling, as JSON.
package enum SamplingPage {
    /// `[{"height","width","wanted","came","peers":[…],"state","confidence_ppm"}]`, oldest first.
    package static func json(_ report: SamplingReport) -> [UInt8] {
        JSONWriter.text { writer in
            writer.array(report.blocks) { writer, block in
                writer.object {
                    $0.member("height", block.height)
                    $0.member("width", block.width)
                    $0.member("wanted", block.wanted)
                    $0.member("came", block.peers.count)
                    $0.member("peers") {
                        $0.array(block.peers) { writer, peer in writer.string(peer) }
                    }
                    $0.member(
                        "state",
                        block.isRefused
                            ? "refused"
                            : block.isAvailable.map { $0 ? "available" : "withheld" }
                                ?? "sampling")
                    $0.member("confidence_ppm", block.confidencePartsPerMillion)
                }
            }
        }
    }
}
