using Samovar.Ipc.Channel;
using Samovar.Processes.Platform;

namespace Samovar.Processes.Protocol;

/// <summary>The content of <see cref="Variable"/>: how to bind the worker's lifetime to the parent, and where the channel is.</summary>
internal sealed record WorkerInvitation(string Lifeline, ChannelInvitation Channel)
{
    /// <summary>The environment variable that marks a worker and contains its invitation. It is not in the command line because every user can read
    /// that.</summary>
    public const string Variable = "SAMOVAR_WORKER";

    /// <summary>Returns the invitation of this process if its parent started it as a worker, and not a process further up; otherwise,
    /// null.</summary>
    public static WorkerInvitation? OfThisProcess()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { } text || TryParse(text) is not { } invitation) return null;

        // A child of a worker may have inherited the variable through native code.
        return ProcessPlatform.For(invitation.Channel.Kind).IsParent(invitation.Channel.ParentId) ? invitation : null;
    }

    public static WorkerInvitation? TryParse(string text)
    {
        int end = text.IndexOf(';', StringComparison.Ordinal);
        return end > 0 && ChannelInvitation.TryParse(text[(end + 1)..]) is { } channel ? new WorkerInvitation(text[..end], channel) : null;
    }

    public override string ToString() => $"{Lifeline};{Channel}";
}
