namespace Samovar.Cli.Ps;

/// <summary>A process did not answer; the message says why, and what to do.</summary>
internal sealed class NoAnswerException(string message) : Exception(message);
