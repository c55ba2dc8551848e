// SPDX-License-Identifier: Apache-2.0

internal import Roles

/// `das.*`: what sampling has done.
enum SamplingService {
    static var methods: [RPCMethod] {
        [
            RPCMethod("das.SamplingStats", .read) { call in
                statistics(call) { statistics in
                    call.reply { StatusJSON.write(statistics, to: &$0) }
                }
            },
            RPCMethod("das.WaitCatchUp", .read) { call in
                call.server.heads.poll(call) {
                    statistics(call) { if $0.isCaughtUp { call.replyNull() } }
                }
            },
        ]
    }

    private static func statistics(
        _ call: RPCCall, then: @escaping (SamplingStatistics) -> Void
    ) {
        call.server.ask(
            .sampling,
            {
                if case .sampling(let statistics) = $0 { statistics } else { nil }
            },
            then: { result in
                if let statistics = call.value(result) { then(statistics) }
            })
    }
}
