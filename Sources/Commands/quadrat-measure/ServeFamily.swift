// SPDX-License-Identifier: Apache-2.0

internal import Bytes
internal import DataSquare
internal import Machinery
internal import Peering

/// Samples served: everything between the sealed bytes of a question and those of its answer.
///
/// Two peer hosts talk through memory instead of sockets: streams are opened, negotiated, multiplexed
/// and sealed as on the wire, the question is read, its rate counted, the sample and its proof taken
/// off the square's kept digests, encoded and sent. Only the serving side's time counts.
enum ServeFamily {
    /// Questions that are under way at once, as of a client with many light nodes behind it.
    private static let atOnce = 64
    private static let rounds = 40

    static func samples(_ yardsticks: Yardsticks) -> [Measurement] {
        [64, 128].flatMap { samples(width: $0) } + [memcpy(yardsticks)]
    }

    private static func samples(width: Int) -> [Measurement] {
        let square = CommittedSquare(
            ExtendedDataSquare(extending: MeasuredSquare.original(width: width)))
        var pair = HostPair(square)
        pair.connect()
        _ = pair.serve(atOnce)
        var times: [Double] = []
        for _ in 0..<rounds {
            let before = (pair.serverNanoseconds, pair.serverBytes)
            let served = pair.serve(atOnce)
            precondition(served == atOnce, "\(served) of \(atOnce) questions were answered")
            times.append((pair.serverNanoseconds - before.0) / Double(served))
        }
        times.sort()
        let time = times[times.count / 2]
        let bytes = pair.serverBytes / pair.answeredCount
        let floor = sealing(bytes)
        let encoding = encoding(square)
        let label = "k=\(width)"
        return [
            Measurement(
                name: "serve.sample/\(label)", value: time / 1e3, unit: "us", floor: floor / 1e3),
            Measurement(name: "serve.sample.rate/\(label)", value: 1e9 / time, unit: "/s/core"),
            Measurement(
                name: "serve.sample.encode/\(label)", value: encoding / 1e3, unit: "us"),
            Measurement(
                name: "yardstick.seal/bytes=\(bytes)", value: floor / 1e3, unit: "us"),
        ]
    }

    /// Reading the question and making the answer's bytes, without the peer layer.
    private static func encoding(_ square: CommittedSquare) -> Double {
        var number = 0
        return ProcessorClock.median(samples: 51, turns: 1_000) {
            let id = HostPair.question(number, width: square.header.width)
            _ = ShareExchange.encodeAnswer(to: .sample(id), from: square)
            number += 1
        }
    }

    /// The cipher alone over as many bytes as one sample costs.
    private static func sealing(_ bytes: Int) -> Double {
        let plain = [UInt8](repeating: 0x5A, count: bytes)
        let key = [UInt8](repeating: 7, count: 32)
        var transport = NoiseTransport(
            sendingKey: key, receivingKey: key, cipher: BulkCipher())
        return ProcessorClock.median(samples: 51, turns: 1_000) {
            do throws(NoiseFault) {
                _ = try transport.seal(plain)
            } catch {
                preconditionFailure("sealing: \(error)")
            }
        }
    }

    private static func memcpy(_ yardsticks: Yardsticks) -> Measurement {
        let rate = yardsticks.copyRates.max { $0.key > $1.key }?.value ?? 0
        return Measurement(
            name: "yardstick.memcpy/bytes=1400", value: 1_400 / max(rate, 1e-9) / 1e3, unit: "us")
    }
}
