/**
 * The state of members of extensions as text: for each catalog an SQL expression in which `$oid` stands for the row.
 * Servers of every version give the same text for the same state, and under an empty path every name in it is
 * qualified, so the target can compare it with what its own extension has made. Catalogs that are missing here hold
 * nothing that a statement could change.
 */
export const memberStates: Readonly<Record<string, string>> = {
  pg_proc: `(SELECT pg_catalog.concat_ws(' ', l.lanname, p.provolatile, p.proisstrict, p.prosecdef, p.proleakproof,
    p.procost, p.prorows, p.proparallel, p.prosupport, COALESCE(p.proconfig, '{}'),
    pg_catalog.pg_get_function_arguments(p.oid), pg_catalog.pg_get_function_result(p.oid),
    (SELECT 'goes with ' || pg_catalog.string_agg(e.extname, ', ' ORDER BY e.extname)
      FROM pg_catalog.pg_depend AS d JOIN pg_catalog.pg_extension AS e ON e.oid = d.refobjid
      WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'x'
        AND d.refclassid = 'pg_catalog.pg_extension'::regclass),
    CASE WHEN p.prokind <> 'a' AND l.lanname NOT IN ('c', 'internal') THEN pg_catalog.md5(CASE WHEN p.prosrc = '' THEN pg_catalog.pg_get_functiondef(p.oid) ELSE p.prosrc END) END,
    (SELECT pg_catalog.concat_ws(' ', a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn,
      a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn, a.aggfinalextra, a.aggmfinalextra, a.aggfinalmodify,
      a.aggmfinalmodify, a.aggsortop::regoperator, a.aggtranstype::regtype, a.aggtransspace, a.agginitval, a.aggminitval)
      FROM pg_catalog.pg_aggregate AS a WHERE a.aggfnoid = p.oid))
    FROM pg_catalog.pg_proc AS p JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang WHERE p.oid = $oid)`,
  pg_operator: `(SELECT pg_catalog.concat_ws(' ', o.oprcode, o.oprrest, o.oprjoin, o.oprcanhash, o.oprcanmerge,
    NULLIF(o.oprcom, 0)::regoperator, NULLIF(o.oprnegate, 0)::regoperator)
    FROM pg_catalog.pg_operator AS o WHERE o.oid = $oid)`,
  pg_type: `(SELECT pg_catalog.concat_ws(' ', t.typtype, t.typlen, t.typbyval, t.typstorage, t.typcategory,
    t.typispreferred, t.typdelim, t.typreceive, t.typsend, t.typmodin, t.typmodout, t.typanalyze, t.typnotnull,
    pg_catalog.format_type(NULLIF(t.typbasetype, 0), t.typtypmod), COALESCE(t.typdefault, ''),
    (SELECT pg_catalog.array_agg(l.enumlabel ORDER BY l.enumsortorder)
      FROM pg_catalog.pg_enum AS l WHERE l.enumtypid = t.oid),
    (SELECT pg_catalog.array_agg(k.conname || ' ' || pg_catalog.pg_get_constraintdef(k.oid) ORDER BY k.conname)
      FROM pg_catalog.pg_constraint AS k WHERE k.contypid = t.oid AND k.contype = 'c'),
    (SELECT pg_catalog.array_agg(a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod) ORDER BY a.attnum)
      FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped))
    FROM pg_catalog.pg_type AS t WHERE t.oid = $oid)`,
  pg_ts_dict: `(SELECT pg_catalog.concat_ws(' ', d.dicttemplate, COALESCE(d.dictinitoption, ''))
    FROM (SELECT n.nspname || '.' || x.tmplname AS dicttemplate, d.dictinitoption
      FROM pg_catalog.pg_ts_dict AS d JOIN pg_catalog.pg_ts_template AS x ON x.oid = d.dicttemplate
      JOIN pg_catalog.pg_namespace AS n ON n.oid = x.tmplnamespace WHERE d.oid = $oid) AS d)`,
  pg_ts_config: `(SELECT COALESCE(pg_catalog.array_agg(pg_catalog.concat_ws(' ', c.maptokentype, c.mapseqno,
    c.mapdict::oid::regdictionary) ORDER BY c.maptokentype, c.mapseqno), '{}')::text
    FROM pg_catalog.pg_ts_config_map AS c WHERE c.mapcfg = $oid)`,
  pg_foreign_data_wrapper: `(SELECT pg_catalog.concat_ws(' ', w.fdwhandler::regproc, w.fdwvalidator::regproc,
    COALESCE(w.fdwoptions, '{}')) FROM pg_catalog.pg_foreign_data_wrapper AS w WHERE w.oid = $oid)`,
  pg_foreign_server: `(SELECT pg_catalog.concat_ws(' ', s.srvtype, s.srvversion, COALESCE(s.srvoptions, '{}'))
    FROM pg_catalog.pg_foreign_server AS s WHERE s.oid = $oid)`,
  pg_event_trigger: `(SELECT pg_catalog.concat_ws(' ', t.evtenabled, t.evtfoid::regproc, COALESCE(t.evttags, '{}'))
    FROM pg_catalog.pg_event_trigger AS t WHERE t.oid = $oid)`,
  pg_class: `(SELECT pg_catalog.concat_ws(' ', c.relkind, c.relpersistence, COALESCE(c.reloptions, '{}'),
    (SELECT pg_catalog.concat_ws(' ', s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmin, s.seqmax, s.seqcache,
      s.seqcycle) FROM pg_catalog.pg_sequence AS s WHERE s.seqrelid = c.oid),
    CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END,
    (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', a.attname,
      pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, a.attstorage,
      COALESCE(a.attoptions, '{}'), pg_catalog.pg_get_expr(d.adbin, d.adrelid)), ', ' ORDER BY a.attnum)
      FROM pg_catalog.pg_attribute AS a
      LEFT JOIN pg_catalog.pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind <> 'S'))
    FROM pg_catalog.pg_class AS c WHERE c.oid = $oid)`,
};

/** Comments on attributes and constraints of a type, as text; `$oid` stands for the type, null where there are none. */
const typeComments = `(SELECT pg_catalog.string_agg(x.part || ' ' || pg_catalog.quote_literal(d.description), ', ' ORDER BY x.part COLLATE "C")
    FROM (
      SELECT 'pg_catalog.pg_class'::regclass::oid AS classoid, a.attrelid AS objoid, a.attnum::int4 AS objsubid, 'column ' || a.attname AS part
      FROM pg_catalog.pg_type AS t JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.typrelid AND a.attnum > 0
      WHERE t.oid = $oid
      UNION ALL
      SELECT 'pg_catalog.pg_constraint'::regclass::oid, k.oid, 0, 'constraint ' || k.conname
      FROM pg_catalog.pg_constraint AS k WHERE k.contypid = $oid
    ) AS x
    JOIN pg_catalog.pg_description AS d ON d.classoid = x.classoid AND d.objoid = x.objoid AND d.objsubid = x.objsubid)`;

/** SQL of the comments on parts of a member; null for a catalog whose members have none. */
export function partCommentsOf(catalog: string, oid: string): string | null {
  return catalog === 'pg_type' ? typeComments.replaceAll('$oid', oid) : null;
}

/** The text of a row's state; null for a catalog that has none. */
export function stateOf(catalog: string, oid: string): string | null {
  const state = memberStates[catalog];
  return state === undefined ? null : state.replaceAll('$oid', oid);
}
