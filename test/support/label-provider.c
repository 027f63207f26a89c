/* Two providers of security labels that accept every label, one of them under a name that needs care. */
#include "postgres.h"

#include "commands/seclabel.h"
#include "fmgr.h"

PG_MODULE_MAGIC;

void _PG_init(void);

static void accept(const ObjectAddress *object, const char *label)
{
}

void _PG_init(void)
{
	register_label_provider("plain", accept);
	register_label_provider("Odd \"it\"%\\ '\nx", accept);
}
