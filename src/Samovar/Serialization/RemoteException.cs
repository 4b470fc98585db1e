namespace Samovar;

/// <summary>Stands for an exception of another process that cannot be rebuilt here: its type name, message and stack as text.</summary>
/// <remarks>
/// An exception arrives as its own type wherever all it holds can travel. This type takes its place where something it holds
/// cannot (an open stream in a field, say). Immutable, safe for any thread.
/// </remarks>
public sealed class RemoteException : Exception
{
    /// <summary>Creates the stand-in from text.</summary>
    /// <param name="typeName">Full name of the type that was thrown.</param>
    /// <param name="remoteMessage">Its message.</param>
    /// <param name="remoteStackTrace">Its stack in the other process; null if it was never thrown.</param>
    /// <param name="reason">Why it could not travel as its own type; null if unknown.</param>
    /// <param name="innerException">What caused it.</param>
    public RemoteException(string typeName, string remoteMessage, string? remoteStackTrace, string? reason = null, Exception? innerException = null)
        : base($"{typeName}: {remoteMessage}", innerException)
    {
        TypeName = typeName;
        RemoteMessage = remoteMessage;
        RemoteStackTrace = remoteStackTrace;
        Reason = reason;
    }

    /// <summary>Full name of the type that was thrown.</summary>
    public string TypeName { get; }

    /// <summary>The message of the exception that was thrown.</summary>
    public string RemoteMessage { get; }

    /// <summary>The stack in the other process; null if the exception was never thrown.</summary>
    public string? RemoteStackTrace { get; }

    /// <summary>Why the exception could not travel as its own type; null if unknown.</summary>
    public string? Reason { get; }

    /// <summary>The remote stack above the local one.</summary>
    public override string? StackTrace => RemoteStackTrace is null
        ? base.StackTrace
        : RemoteStackTrace + Environment.NewLine + "--- End of stack trace from the other process ---" + Environment.NewLine + base.StackTrace;

    /// <summary>Makes the stand-in for an exception; inner exceptions keep their order and become stand-ins too.</summary>
    /// <param name="exception">The exception that cannot travel.</param>
    /// <param name="reason">Why it cannot; null if unknown.</param>
    public static RemoteException From(Exception exception, string? reason = null)
    {
        ArgumentNullException.ThrowIfNull(exception);
        const int longestChain = 50; // an error report, not an archive: deeper causes are left to the text of the stack

        var chain = new List<Exception>();
        for (var link = exception; link is not null && chain.Count < longestChain; link = link.InnerException) chain.Add(link);

        RemoteException? made = null;
        for (int i = chain.Count - 1; i >= 0; i--)
        {
            made = chain[i] as RemoteException ?? new RemoteException(
                chain[i].GetType().FullName ?? chain[i].GetType().Name, Text(chain[i], static e => e.Message) ?? "",
                Text(chain[i], static e => e.StackTrace), i == 0 ? reason : null, made);
        }

        return made!;
    }

    /// <summary>A stand-in of few bytes: the beginning of the message, no stack and no cause.</summary>
    internal static RemoteException Brief(Exception exception, string reason)
    {
        const int longest = 1_000; // characters
        string message = Text(exception, static e => e.Message) ?? "";
        if (message.Length > longest) message = $"{message.AsSpan(0, char.IsHighSurrogate(message[longest - 1]) ? longest - 1 : longest)}…";
        return new RemoteException(exception.GetType().FullName ?? exception.GetType().Name, message, remoteStackTrace: null, reason);
    }

    // Message and StackTrace are virtual: a broken override must not hide the failure that is being reported.
    internal static string? Text(Exception exception, Func<Exception, string?> read)
    {
        try
        {
            return read(exception);
        }
        catch (Exception broken)
        {
            return $"(reading it threw {broken.GetType().FullName})";
        }
    }
}
