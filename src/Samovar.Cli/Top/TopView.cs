using Samovar.Cli.Attaching;

namespace Samovar.Cli.Top;

/// <summary>Shows the pictures of a process on standard output.</summary>
internal abstract class TopView : IDisposable
{
    /// <summary>Whether the user has requested to stop.</summary>
    public virtual bool HasQuit => false;

    /// <summary>Takes a picture that is not shown, for rates.</summary>
    /// <exception cref="InvalidDataException">The picture is malformed.</exception>
    public virtual void Prepare(byte[] line)
    {
    }

    /// <summary>Shows a picture.</summary>
    /// <param name="hello">What the process says of itself.</param>
    /// <param name="line">The picture.</param>
    /// <exception cref="InvalidDataException">The picture is malformed.</exception>
    public abstract void Show(WatchHello hello, byte[] line);

    /// <summary>Called about once a second while no picture arrives.</summary>
    public virtual void Wait()
    {
    }

    /// <summary>Reports how the process ended. Nothing is shown afterwards.</summary>
    public abstract void End(string sentence);

    public virtual void Dispose()
    {
    }
}
