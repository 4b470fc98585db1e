using Samovar.Diagnostics.Metering;

namespace Samovar;

/// <summary>Represents an exception of another process that cannot be rebuilt in this one: its type name, message and stack trace as text.</summary>
/// <remarks>
/// An exception arrives as its own type if everything that it holds can travel. Otherwise, for example if a field holds an open stream, it is
/// replaced by a <see cref="RemoteException"/>. Instances are immutable and safe for any thread.
/// </remarks>
public sealed class RemoteException : Exception, IForeignError
{
    /// <summary>Initializes the exception from the text of the original.</summary>
    /// <param name="typeName">The full name of the original exception's type.</param>
    /// <param name="remoteMessage">The original exception's message.</param>
    /// <param name="remoteStackTrace">The original exception's stack trace in the other process; null if it was never thrown.</param>
    /// <param name="reason">Why the original could not travel as its own type; null if unknown.</param>
    /// <param name="innerException">The cause of the original exception; null if it has none.</param>
    public RemoteException(string typeName, string remoteMessage, string? remoteStackTrace, string? reason = null, Exception? innerException = null)
        : base($"{typeName}: {remoteMessage}", innerException)
    {
        TypeName = typeName;
        RemoteMessage = remoteMessage;
        RemoteStackTrace = remoteStackTrace;
        Reason = reason;
    }

    /// <summary>Gets the full name of the original exception's type.</summary>
    public string TypeName { get; }

    /// <inheritdoc/>
    string IForeignError.OriginalType => TypeName;

    /// <summary>Gets the message of the original exception.</summary>
    public string RemoteMessage { get; }

    /// <summary>Gets the stack trace of the original exception in the other process; null if it was never thrown.</summary>
    public string? RemoteStackTrace { get; }

    /// <summary>Gets the reason why the original exception could not travel as its own type; null if unknown.</summary>
    public string? Reason { get; }

    /// <summary>Gets the stack trace of the other process, followed by the stack trace in this process.</summary>
    public override string? StackTrace => RemoteStackTrace is null
        ? base.StackTrace
        : RemoteStackTrace + Environment.NewLine + "--- End of stack trace from the other process ---" + Environment.NewLine + base.StackTrace;

    /// <summary>Creates a <see cref="RemoteException"/> that describes an exception and, in the same order, its inner exceptions.</summary>
    /// <param name="exception">The exception that cannot travel.</param>
    /// <param name="reason">Why it cannot travel; null if unknown.</param>
    /// <returns>The description; <paramref name="exception"/> itself if it is a <see cref="RemoteException"/>.</returns>
    /// <remarks>Only the first 50 exceptions of the chain are described.</remarks>
    /// <exception cref="ArgumentNullException"><paramref name="exception"/> is null.</exception>
    public static RemoteException From(Exception exception, string? reason = null)
    {
        ArgumentNullException.ThrowIfNull(exception);
        const int longestChain = 50; // bounds the size of the report; deeper causes are left out

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

    /// <summary>Creates a small <see cref="RemoteException"/>: the beginning of the message, no stack trace and no cause.</summary>
    internal static RemoteException Brief(Exception exception, string reason)
    {
        const int longest = 1_000; // characters
        string message = Text(exception, static e => e.Message) ?? "";
        if (message.Length > longest) message = $"{message.AsSpan(0, char.IsHighSurrogate(message[longest - 1]) ? longest - 1 : longest)}…";
        return new RemoteException(exception.GetType().FullName ?? exception.GetType().Name, message, remoteStackTrace: null, reason);
    }

    // Message and StackTrace are virtual: an override that throws must not hide the failure that is being reported.
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
