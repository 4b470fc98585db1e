// Part of the package Samovar: Samovar.targets compiles this file into each F# project that refers to the package.
namespace Samovar

#nowarn "1204" // TaskCode is what Bind of a task builder takes

/// Lets the task builders of F# await a Future<'T>, which has the awaiter of Future in addition to its own: F# cannot choose between the two.
[<AutoOpen>]
module internal FutureTasks =

    open Microsoft.FSharp.Control

    type TaskBuilderBase with

        /// Awaits the result of a submitted task, as in let! result = pool.Submit(fun () -> 1).
        member inline builder.Bind
            (future: Future<'T>, [<InlineIfLambda>] continuation: 'T -> TaskCode<'TOverall, 'TResult>)
            : TaskCode<'TOverall, 'TResult> =
            builder.Bind(future.ConfigureAwait true, continuation)

        /// Returns the result of a submitted task, as in return! pool.Submit(fun () -> 1).
        member inline builder.ReturnFrom(future: Future<'T>) : TaskCode<'T, 'T> =
            builder.ReturnFrom(future.ConfigureAwait true)
