using System.Runtime.CompilerServices;

namespace Samovar.Tests.Meaning;

/// <summary>How work fails, and how it is cancelled.</summary>
internal static class ErrorQuestions
{
    public static Questions All { get; } = Build();

    private static Questions Build()
    {
        var list = new Questions();
        list.Same("an exception: type, message, properties, data, inner", "TeaException|too hot|94|kettle=2|-7|IOException: steam", static async executor =>
        {
            var error = (TeaException)await FailureAsync(executor.Submit(static () => Deep()));
            return $"{error.GetType().Name}|{error.Message}|{error.Degrees}|kettle={error.Data["kettle"]}|{error.HResult}|{error.InnerException!.GetType().Name}: {error.InnerException.Message}";
        });
        list.Same("where an exception was thrown", "Deep, Brew", static async executor =>
        {
            string trace = (await FailureAsync(executor.Submit(static () => Brew()))).StackTrace!;
            int deep = trace.IndexOf($"{nameof(ErrorQuestions)}.{nameof(Deep)}", StringComparison.Ordinal);
            int brew = trace.IndexOf($"{nameof(ErrorQuestions)}.{nameof(Brew)}", StringComparison.Ordinal);
            return deep >= 0 && brew > deep ? "Deep, Brew" : trace;
        });
        list.Same("where the inner exception was thrown", "Steam", static async executor =>
            (await FailureAsync(executor.Submit(static () => Deep()))).InnerException!.StackTrace!.Contains(nameof(Steam), StringComparison.Ordinal) ? nameof(Steam) : "lost");
        list.Same("an exception out of asynchronous work", "TeaException", static async executor => (await FailureAsync(executor.Submit(static async () =>
        {
            await Task.Yield();
            Deep();
        }))).GetType().Name);
        list.Same("several exceptions at once", "IOException TeaException", static async executor =>
        {
            var all = (AggregateException)await FailureAsync(executor.Submit(static () => { throw new AggregateException(new IOException(), new TeaException("cold", 3)); }));
            return string.Join(' ', all.InnerExceptions.Select(static error => error.GetType().Name));
        });
        list.Same("the exception of an argument", "cups: How many? (Parameter 'cups')\nActual value was -1.", static async executor =>
        {
            var error = (ArgumentOutOfRangeException)await FailureAsync(executor.Submit(static () => { throw new ArgumentOutOfRangeException("cups", -1, "How many?"); }));
            return $"{error.ParamName}: {error.Message.ReplaceLineEndings("\n")}";
        });
        list.Same("a type whose initializer fails", "TypeInitializationException: TeaException: at once", static async executor =>
        {
            var error = await FailureAsync(executor.Submit(static () => Broken.Value));
            return $"{error.GetType().Name}: {error.InnerException!.GetType().Name}: {error.InnerException.Message}";
        });
        list.Same("the first failing item of a map", "0 1 2 TeaException: item 3", static async executor =>
        {
            List<string> seen = [];
            try
            {
                await foreach (int n in executor.Map(Enumerable.Range(0, 10), static n => n == 3 ? throw new TeaException("item 3", n) : n)) seen.Add($"{n}");
            }
            catch (TeaException error)
            {
                seen.Add($"{error.GetType().Name}: {error.Message}"); // the answer
            }

            return string.Join(' ', seen);
        });
        list.Differs("an exception object, kept by the task in a captured list", static async executor =>
        {
            List<Exception> kept = [];
            var caught = await FailureAsync(executor.Submit(Keeping(kept)));
            return kept.Contains(caught) ? "the one that is caught" : "not there";
        });
        list.Differs("an exception that holds a stream", static async executor =>
            (await FailureAsync(executor.Submit(static () => { throw new OpenException(new MemoryStream()); }))).GetType().Name);
        list.Same("a token that is cancelled before the task starts", "OperationCanceledException Canceled the token", static async executor =>
        {
            using var source = new CancellationTokenSource();
            await source.CancelAsync();
            return await CancellationAsync(executor.Submit(static () => { }, new() { CancellationToken = source.Token }), source.Token);
        });
        list.Same("a token of the options that trips while the task runs", "OperationCanceledException Canceled the token", static async executor =>
        {
            using var source = new CancellationTokenSource();
            var future = executor.Submit(WaitingForItsToken(new Canceller(source)), new() { CancellationToken = source.Token });
            return await CancellationAsync(future, source.Token);
        });
        list.Same("asynchronous work that is canceled by the token of the options", "OperationCanceledException Canceled the token", static async executor =>
        {
            using var source = new CancellationTokenSource();
            var future = executor.Submit(DelayingAsync(new Canceller(source)), new() { CancellationToken = source.Token });
            return await CancellationAsync(future, source.Token);
        });
        list.Same("a captured token that trips while the task runs", "True OperationCanceledException Failed", static async executor =>
        {
            using var source = new CancellationTokenSource();
            var future = executor.Submit(WaitingFor(source.Token, new Canceller(source)));
            var error = await FailureAsync(future);
            return $"{error.Message == "The operation was canceled."} {error.GetType().Name} {future.State}";
        });
        list.Differs("the token in an exception of a captured token", static async executor =>
        {
            using var source = new CancellationTokenSource();
            var error = (OperationCanceledException)await FailureAsync(executor.Submit(WaitingFor(source.Token, new Canceller(source))));
            return error.CancellationToken == source.Token ? "the captured one" : error.CancellationToken == default ? "none" : "another";
        });
        list.Same("an OperationCanceledException without a cancellation request", "OperationCanceledException tired Failed", static async executor =>
        {
            var future = executor.Submit(static () => { throw new OperationCanceledException("tired"); });
            var error = await FailureAsync(future);
            return $"{error.GetType().Name} {error.Message} {future.State}";
        });
        return list;
    }

    private static async Task<Exception> FailureAsync(Future future)
    {
        try
        {
            await future;
        }
        catch (Exception error)
        {
            return error; // the answer
        }

        throw new InvalidOperationException("The work was to fail.");
    }

    private static async Task<string> CancellationAsync(Future future, CancellationToken token)
    {
        var error = (OperationCanceledException)await FailureAsync(future);
        string which = error.CancellationToken == token ? "the token" : error.CancellationToken == default ? "no token" : "another token";
        return $"{error.GetType().Name} {future.State} {which}";
    }

    private static Action<CancellationToken> WaitingForItsToken(IProgress<int> started) => token =>
    {
        started.Report(0);
        token.WaitHandle.WaitOne();
        token.ThrowIfCancellationRequested();
    };

    private static Func<CancellationToken, Task> DelayingAsync(IProgress<int> started) => async token =>
    {
        started.Report(0);
        await Task.Delay(Timeout.InfiniteTimeSpan, token);
    };

    private static Action WaitingFor(CancellationToken token, IProgress<int> started) => () =>
    {
        started.Report(0);
        token.WaitHandle.WaitOne();
        token.ThrowIfCancellationRequested();
    };

    private static Action Keeping(List<Exception> kept) => () =>
    {
        var error = new TeaException("kept", 0);
        kept.Add(error);
        throw error;
    };

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Brew() => Deep();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Deep()
    {
        try
        {
            Steam();
        }
        catch (IOException steam)
        {
            throw new TeaException("too hot", 94, steam) { Data = { ["kettle"] = 2 }, HResult = -7 };
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Steam() => throw new IOException("steam");

    /// <summary>Cancels in the program when the task reports, wherever that runs.</summary>
    private sealed class Canceller(CancellationTokenSource source) : IProgress<int>
    {
        public void Report(int value) => source.Cancel();
    }

    private sealed class TeaException(string message, int degrees, Exception? inner = null) : Exception(message, inner)
    {
        public int Degrees { get; } = degrees;
    }

    private sealed class OpenException(Stream stream) : Exception("open")
    {
        public Stream Stream { get; } = stream;
    }

    private static class Broken
    {
        public static readonly int Value = Fail();

        private static int Fail() => throw new TeaException("at once", 0);
    }
}
