// SPDX-License-Identifier: Apache-2.0

package import Roles

/// How a node is, as `/status` tells it to anybody: nothing secret is in it.
///
/// Specified in Protocol/19-observability.md#status.
package enum NodeStatusJSON {
    /// The whole of it.
    package static func write(
        _ status: NodeStatus, version: String, upSeconds: UInt64, disk: DiskUse?,
        to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("type", status.kind.rawValue)
            writer.member("kind", status.role)
            writer.member("chain_id", status.chainID)
            writer.member("api_version", version)
            writer.member("uptime_seconds", upSeconds)
            writer.member("ready", status.isReady && status.health.isReady)
            writer.member("obstacles") { writer in
                writer.array(status.health.obstacles) { writer, obstacle in
                    writer.object {
                        $0.member("part", obstacle.part.rawValue)
                        $0.member("reason", obstacle.reason)
                    }
                }
            }
            writer.member("local_height", status.headHeight)
            writer.member("network_height", status.networkHeight)
            writer.member("synchronized", status.health.lag == nil && status.isReady)
            writer.member("peers", status.peerCount)
            writer.member("sampling") { write(sampling: status, to: &$0) }
            writer.member("squares", status.squareCount)
            if let slice = status.slice { writer.member("slice", slice) }
            writer.member("disk") { write(disk, to: &$0) }
            writer.member("fraud") { write(status.health.fraud, to: &$0) }
        }
    }

    private static func write(sampling status: NodeStatus, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("running", status.isSampling)
            writer.member("head", status.sampledHead)
            writer.member("available", status.sampledCount)
            writer.member("now", status.samplingNow)
            writer.member("caught_up", status.isCaughtUp)
        }
    }

    private static func write(_ disk: DiskUse?, to writer: inout JSONWriter) {
        guard let disk else { return writer.null() }
        writer.object { writer in
            writer.member("used_bytes", disk.usedBytes)
            writer.member("free_bytes", disk.freeBytes)
            writer.member("total_bytes", disk.totalBytes)
        }
    }

    private static func write(_ fraud: NodeHealth.Fraud?, to writer: inout JSONWriter) {
        guard let fraud else { return writer.null() }
        writer.object { writer in
            writer.member("height", fraud.height)
            writer.member("reason", fraud.reason)
        }
    }
}
